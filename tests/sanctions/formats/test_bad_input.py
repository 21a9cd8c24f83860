"""Each way in which a download is not a list, and what the person who looks is told."""

import gzip
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from sanctions.formats import ofac_xml, reading
from sanctions.formats.reading import read_list
from sanctions.formats.refusals import ListRefused, Reason
from tests.sanctions.files import (
    LISTED,
    LISTED_CSV,
    sdn_csv,
    sdn_entry,
    sdn_row,
    sdn_xml,
)

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE sdnList [<!ENTITY a "aaaaaaaaaa">'
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def refusal_of(*paths: Path) -> ListRefused:
    with pytest.raises(ListRefused) as caught:
        list(read_list(paths).entries)
    return caught.value


def write(folder: Path, data: bytes, name: str = "list") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\x1a"])
def test_an_empty_file(tmp_path: Path, data: bytes) -> None:
    assert refusal_of(write(tmp_path, data)).reason_code == Reason.EMPTY


def test_a_list_without_entries(tmp_path: Path) -> None:
    assert refusal_of(sdn_xml(tmp_path)).reason_code == Reason.EMPTY


@pytest.mark.parametrize(
    "page",
    [
        b"<!DOCTYPE html><html><body>Service unavailable</body></html>",
        b"\n<HTML><head></head></HTML>",
        b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x" "y"><html xmlns="z"></html>',
    ],
)
def test_a_web_page(tmp_path: Path, page: bytes) -> None:
    refusal = refusal_of(write(tmp_path, page, "SDN.XML"))

    assert refusal.reason_code == Reason.HTML
    assert "SDN.XML is a web page, not a list" in refusal.message


@pytest.mark.parametrize("kept_share", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_xml_file(tmp_path: Path, kept_share: float) -> None:
    data = LISTED.read_bytes()
    path = write(tmp_path, data[: int(len(data) * kept_share)])

    assert refusal_of(path).reason_code == Reason.TRUNCATED


@pytest.mark.parametrize("kept_share", [0.1, 0.5, 0.9, 0.99])
def test_a_cut_csv_file(tmp_path: Path, kept_share: float) -> None:
    data = LISTED_CSV[0].read_bytes()
    path = write(tmp_path, data[: int(len(data) * kept_share)])

    assert refusal_of(path).reason_code == Reason.TRUNCATED


def test_a_csv_file_cut_inside_its_last_null(tmp_path: Path) -> None:
    row = sdn_row(1, "DOE, John").removesuffix("0- \r\n")

    assert refusal_of(sdn_csv(tmp_path, [row], end="")).reason_code == Reason.TRUNCATED


@pytest.mark.parametrize("source", [LISTED, LISTED_CSV[0]])
def test_a_cut_gzip_file(tmp_path: Path, source: Path) -> None:
    packed = gzip.compress(source.read_bytes())
    path = write(tmp_path, packed[: len(packed) // 2], "SDN.gz")

    assert refusal_of(path).reason_code == Reason.TRUNCATED


def test_an_entity_bomb(tmp_path: Path) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1, "<title>&c;</title>"), prolog=BOMB)

    assert refusal_of(path).reason_code == Reason.ENTITIES_FORBIDDEN


def test_an_entity_bomb_behind_a_long_comment(tmp_path: Path) -> None:
    prolog = BOMB.replace("<!DOCTYPE", f"<!--{'x' * 2 * reading.PEEK_BYTES}--><!DOCTYPE")
    path = sdn_xml(tmp_path, sdn_entry(1, "<title>&c;</title>"), prolog=prolog)

    assert refusal_of(path).reason_code == Reason.ENTITIES_FORBIDDEN


def test_an_entity_that_names_a_file(tmp_path: Path) -> None:
    secret = write(tmp_path, b"secret", "secret.txt")
    prolog = f'<!DOCTYPE sdnList [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    path = sdn_xml(tmp_path, sdn_entry(1, "<title>&a;</title>"), prolog=prolog)

    assert refusal_of(path).reason_code == Reason.ENTITIES_FORBIDDEN


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_a_csv_file_in_another_encoding(tmp_path: Path, encoding: str) -> None:
    rows = sdn_row(1, "MUÑOZ, José") + "\x1a"

    assert refusal_of(write(tmp_path, rows.encode(encoding))).reason_code == Reason.ENCODING


def test_an_xml_file_that_is_not_in_the_encoding_it_declares(tmp_path: Path) -> None:
    text = sdn_xml(tmp_path, sdn_entry(1, name="MUÑOZ")).read_text("utf-8")

    assert refusal_of(write(tmp_path, text.encode("cp1252"))).reason_code == Reason.ENCODING


def test_an_xml_file_that_declares_another_encoding(tmp_path: Path) -> None:
    path = sdn_xml(
        tmp_path,
        sdn_entry(1, name="MUÑOZ"),
        prolog='<?xml version="1.0" encoding="ISO-8859-1"?>',
    )

    assert refusal_of(path).reason_code == Reason.ENCODING


def test_names_that_were_decoded_wrongly_before_they_came_here(tmp_path: Path) -> None:
    path = sdn_csv(tmp_path, [sdn_row(1, "MUÑOZ, José".encode().decode("latin-1"))])

    assert refusal_of(path).reason_code == Reason.ENCODING


def test_real_accents_are_no_wrong_encoding(tmp_path: Path) -> None:
    path = sdn_csv(tmp_path, [sdn_row(1, "ÃO Ñandú, Šešelj Âme")])

    assert [entry.primary_name for entry in read_list([path]).entries] == ["ÃO Ñandú, Šešelj Âme"]


def test_a_byte_order_mark_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + LISTED_CSV[0].read_bytes())

    assert len(list(read_list([path]).entries)) == 23


def test_an_unknown_namespace(tmp_path: Path) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1), namespace="https://example.org/sdn/2.0")

    refusal = refusal_of(path)

    assert refusal.reason_code == Reason.UNKNOWN_NAMESPACE
    assert "https://example.org/sdn/2.0" in refusal.message


def test_another_root_element(tmp_path: Path) -> None:
    path = write(tmp_path, b"<CONSOLIDATED_LIST/>")

    assert refusal_of(path).reason_code == Reason.UNKNOWN_LAYOUT


@pytest.mark.parametrize(
    "body",
    [
        "<names/>",
        "<akaList><alias/></akaList>",
        "<title><b>bold</b></title>",
        '<title xmlns="urn:other">x</title>',
    ],
)
def test_an_element_outside_the_known_layout(tmp_path: Path, body: str) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1, body))

    assert refusal_of(path).reason_code == Reason.UNKNOWN_LAYOUT


@pytest.mark.parametrize("place", ["before", "after"])
def test_an_unknown_element_beside_the_entries(tmp_path: Path, place: str) -> None:
    entries = [sdn_entry(1), "<note>x</note>"] if place == "after" else ["<note/>", sdn_entry(1)]
    path = sdn_xml(tmp_path, *entries, count=1)

    refusal = refusal_of(path)

    assert refusal.reason_code == Reason.UNKNOWN_LAYOUT
    assert "<note> inside <sdnList>" in refusal.message


def test_megabytes_without_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ofac_xml, "MAX_ENTRY_BYTES", 100_000)
    path = sdn_xml(tmp_path, sdn_entry(1).replace("sdnEntry", "entry") * 10_000, count=10_000)

    refusal = refusal_of(path)

    assert refusal.reason_code == Reason.UNKNOWN_LAYOUT
    assert "went by without an <sdnEntry>" in refusal.message


def test_entries_that_were_renamed(tmp_path: Path) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1).replace("sdnEntry", "entry"))

    assert refusal_of(path).reason_code == Reason.UNKNOWN_LAYOUT


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<publshInformation><Publish_Date>2026-11-16</Publish_Date><Record_Count>1</Record_Count>"
        "</publshInformation>",
        "<publshInformation><Publish_Date>11/16/2026</Publish_Date></publshInformation>",
    ],
)
def test_a_header_that_cannot_be_read(tmp_path: Path, header: str) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1), header=header)

    assert refusal_of(path).reason_code == Reason.UNKNOWN_LAYOUT


def test_a_type_of_subject_that_is_not_known(tmp_path: Path) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1).replace("Entity", "Spacecraft"))

    assert refusal_of(path).reason_code == Reason.UNKNOWN_LAYOUT


@pytest.mark.parametrize("declared", [1, 3])
def test_a_count_that_is_not_what_the_header_says(tmp_path: Path, declared: int) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1), sdn_entry(2), count=declared)

    refusal = refusal_of(path)

    assert refusal.reason_code == Reason.COUNT_MISMATCH
    assert refusal.message == f"The list says it has {declared} entries, but 2 were read."


@pytest.mark.parametrize("shape", ["xml", "csv"])
def test_the_same_number_twice(tmp_path: Path, shape: str) -> None:
    if shape == "xml":
        path = sdn_xml(tmp_path, sdn_entry(7), sdn_entry(7))
    else:
        path = sdn_csv(tmp_path, [sdn_row(7, "DOE, John"), sdn_row(7, "ROE, Jane")])

    refusal = refusal_of(path)

    assert refusal.reason_code == Reason.DUPLICATE_KEY
    assert "Entry 7" in refusal.message


def test_a_csv_file_with_another_number_of_columns(tmp_path: Path) -> None:
    rows = [sdn_row(1, "DOE, John"), "2,x\r\n", sdn_row(3, "ROE, Jane")]

    refusal = refusal_of(sdn_csv(tmp_path, rows))

    assert refusal.reason_code == Reason.UNKNOWN_LAYOUT
    assert "Row 2 of SDN.CSV has 2 columns where 12 belong" in refusal.message


@pytest.mark.parametrize("data", [b"ent_num,SDN_Name\r\n1,DOE\r\n", b'{"entities": []}', b"hello"])
def test_text_that_is_no_list(tmp_path: Path, data: bytes) -> None:
    assert refusal_of(write(tmp_path, data)).reason_code == Reason.UNKNOWN_LAYOUT


def test_broken_xml_that_is_not_cut(tmp_path: Path) -> None:
    path = sdn_xml(tmp_path, sdn_entry(1, "<title>a & b</title>"))

    assert refusal_of(path).reason_code == Reason.MALFORMED


def test_an_entry_without_a_name(tmp_path: Path) -> None:
    assert refusal_of(sdn_xml(tmp_path, sdn_entry(1, name=""))).reason_code == Reason.MALFORMED


def zip_of(folder: Path, members: Sequence[tuple[str, bytes]]) -> Path:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return write(folder, packed.getvalue(), "SDN.ZIP")


def test_a_zip_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = zip_of(tmp_path, [("README.txt", b"x"), ("SDN.XML", LISTED.read_bytes())])

    assert len(list(read_list([path]).entries)) == 23


def test_a_gzip_file_is_read_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, gzip.compress(LISTED.read_bytes()))

    assert len(list(read_list([path]).entries)) == 23


def test_a_zip_file_with_two_lists(tmp_path: Path) -> None:
    path = zip_of(tmp_path, [("SDN.XML", b"x"), ("OLD.XML", b"x")])

    assert refusal_of(path).reason_code == Reason.ARCHIVE


def test_a_zip_file_with_a_password(tmp_path: Path) -> None:
    data = bytearray(zip_of(tmp_path, [("SDN.XML", LISTED.read_bytes())]).read_bytes())
    # Bit 0 of the flags: six bytes into the local header, eight into the central one.
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert refusal_of(write(tmp_path, bytes(data), "SDN.ZIP")).reason_code == Reason.ARCHIVE


def test_a_cut_zip_file(tmp_path: Path) -> None:
    data = zip_of(tmp_path, [("SDN.XML", LISTED.read_bytes())]).read_bytes()

    assert refusal_of(write(tmp_path, data[:-100])).reason_code == Reason.TRUNCATED


@pytest.mark.parametrize("packing", ["gzip", "zip"])
@pytest.mark.parametrize("shape", ["xml", "csv"])
def test_an_archive_that_unpacks_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packing: str, shape: str
) -> None:
    monkeypatch.setattr(reading, "RATIO_FREE_BYTES", 1024 * 1024)
    padding = b"\r\n" * 2 * 1024 * 1024
    if shape == "xml":
        bomb = sdn_xml(tmp_path, sdn_entry(1)).read_bytes().replace(b"</sdnList>", padding)
    else:
        bomb = sdn_row(1, "DOE, John").encode() + padding
    if packing == "zip":
        path = zip_of(tmp_path, [(f"SDN.{shape}", bomb)])
    else:
        path = write(tmp_path, gzip.compress(bomb))

    assert refusal_of(path).reason_code == Reason.TOO_LARGE


def test_side_files_without_their_list() -> None:
    assert refusal_of(LISTED_CSV[1]).reason_code == Reason.MISSING_FILE


def test_two_files_of_the_same_part() -> None:
    assert refusal_of(LISTED_CSV[0], LISTED_CSV[0]).reason_code == Reason.UNKNOWN_LAYOUT
