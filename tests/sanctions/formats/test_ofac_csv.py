import gzip
from pathlib import Path

import pytest

from sanctions.formats.entries import ListEntry, diff
from sanctions.formats.reading import read_list
from tests.sanctions.files import LISTED, LISTED_CSV, csv_rows, real, sdn_csv, sdn_row


def entries_of(*paths: Path) -> dict[str, ListEntry]:
    return {entry.entry_key: entry for entry in read_list(paths).entries}


def test_it_agrees_with_the_xml_of_the_same_day() -> None:
    from_csv, from_xml = entries_of(*LISTED_CSV), entries_of(LISTED)

    assert from_csv.keys() == from_xml.keys()
    for key, entry in from_xml.items():
        assert diff(entry.canonical(), from_csv[key].canonical()) == {}, entry.primary_name


def test_the_order_in_which_the_three_files_are_named_does_not_matter() -> None:
    assert entries_of(*reversed(LISTED_CSV)) == entries_of(*LISTED_CSV)


def test_it_reads_a_list_without_its_side_files() -> None:
    kadyrov = entries_of(LISTED_CSV[0])["23343"]

    assert kadyrov.programs == ("GLOMAG", "MAGNIT", "RUSSIA-EO14024")
    assert [name.role for name in kadyrov.names] == ["primary"]
    assert kadyrov.addresses == ()


def test_side_rows_of_unknown_entries_are_reported_and_refuse_nothing(tmp_path: Path) -> None:
    sdn = sdn_csv(tmp_path, [sdn_row(1, "DOE, John")])
    alt = tmp_path / "ALT.CSV"
    alt.write_bytes(b'1,10,"aka","DOE, Jack",-0- \r\n2,11,"aka","ROE, Jane",-0- \r\n\x1a')

    parsed = read_list([sdn, alt])
    entries = list(parsed.entries)

    assert [name.text for name in entries[0].names] == ["DOE, John", "DOE, Jack"]
    assert [warning for warning in parsed.warnings if "ALT.CSV" in warning] == [
        "1 rows of ALT.CSV name 1 entries that SDN.CSV does not have. "
        "They were left out. The files may be of different days."
    ]


def test_a_file_without_its_end_mark_says_so(tmp_path: Path) -> None:
    parsed = read_list([sdn_csv(tmp_path, [sdn_row(1, "DOE, John")], end="")])

    assert len(list(parsed.entries)) == 1
    assert not parsed.has_end_mark


def test_an_alias_cut_by_the_publisher_is_kept_as_text_and_is_no_name(tmp_path: Path) -> None:
    remarks = ("a.k.a. 'JACKROCK'; " * 60)[:990] + "; a.k.a. '@BROKEN"
    path = sdn_csv(tmp_path, [sdn_row(1, "DOE, John", remarks=remarks[:1000])])

    parsed = read_list([path])
    (entry,) = parsed.entries

    assert {name.text for name in entry.names} == {"DOE, John", "JACKROCK"}
    assert entry.remarks[-1] == remarks[:1000].rsplit("; ", 1)[1]
    assert "1,000 characters" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("sdn_2024-02-20.csv.gz", "sdn_2024-02-23.csv.gz", (553, 8, 0)),
        ("sdn_2022-04-22.csv.gz", "sdn_2022-04-29.csv.gz", (0, 499, 0)),
        ("sdn_2024-02-23.csv.gz", "sdn_2024-05-02.csv.gz", (587, 31, 98)),
    ],
)
def test_differences_of_real_lists_are_those_of_their_rows(
    before: str, after: str, expected: tuple[int, int, int]
) -> None:
    paths = real(f"ofac/{before}"), real(f"ofac/{after}")
    old_rows, new_rows = (csv_rows(gzip.decompress(path.read_bytes())) for path in paths)
    old, new = (
        {key: entry.content_hash() for key, entry in entries_of(path).items()} for path in paths
    )

    changed = {key for key in old.keys() & new.keys() if old[key] != new[key]}
    assert new.keys() - old.keys() == new_rows.keys() - old_rows.keys()
    assert old.keys() - new.keys() == old_rows.keys() - new_rows.keys()
    assert changed == {
        key for key in old_rows.keys() & new_rows.keys() if old_rows[key] != new_rows[key]
    }
    assert (len(new.keys() - old.keys()), len(changed), len(old.keys() - new.keys())) == expected
