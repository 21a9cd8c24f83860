import datetime
import re
from pathlib import Path

from lxml import etree

from sanctions.formats.entries import ListEntry, diff
from sanctions.formats.reading import read_list
from tests.sanctions.files import (
    CONSOLIDATED,
    LISTED,
    NEW_NAMESPACE,
    OLD_NAMESPACE,
    real,
    sdn_entry,
    sdn_xml,
)


def entries_of(*paths: Path) -> dict[str, ListEntry]:
    return {entry.entry_key: entry for entry in read_list(paths).entries}


def test_it_reads_who_is_listed_and_why() -> None:
    kadyrov = entries_of(LISTED)["23343"]

    assert kadyrov.kind == "person"
    assert kadyrov.primary_name == "KADYROV, Ramzan Akhmatovich"
    assert kadyrov.programs == ("GLOMAG", "MAGNIT", "RUSSIA-EO14024")
    assert kadyrov.dates_of_birth == ("05 Oct 1976",)
    assert kadyrov.gender == "Male"
    assert [name.text for name in kadyrov.names if name.role == "alias"] == [
        "KADYROV, Ramzan Akhmadovitch"
    ]


def test_it_reads_the_header() -> None:
    parsed = read_list([LISTED])

    assert parsed.published_on == datetime.date(2026, 11, 18)
    assert parsed.declared_count == 23


def test_it_tells_weak_aliases_from_strong_ones() -> None:
    afric = entries_of(LISTED)["31164"]

    assert [(name.text, name.quality) for name in afric.names if name.role == "alias"] == [
        ("AFRIC", "weak")
    ]


def test_it_reads_a_vessel_with_its_numbers() -> None:
    artavil = entries_of(LISTED)["15036"]

    assert artavil.vessel is not None
    assert (artavil.vessel.call_sign, artavil.vessel.flag) == ("T2EU4", "Iran")
    assert "IMO 9187629" in [identifier.number for identifier in artavil.identifiers]


def test_it_takes_links_out_of_the_remarks() -> None:
    foundation = entries_of(LISTED)["30609"]

    assert foundation.linked_to == ("KADYROV, Ramzan Akhmatovich",)
    assert foundation.remarks == ()


def test_it_reads_wallets_mail_and_websites_apart_from_identifiers() -> None:
    entries = entries_of(LISTED)

    wallets = {wallet.currency for wallet in entries["31164"].digital_currency_addresses}
    assert wallets == {"ZEC", "DASH"}
    assert entries["31165"].websites == ("anticrisis.cc",)
    assert entries["31165"].emails == ("info@anticrisis.cc",)


def test_the_main_date_of_birth_stands_first(tmp_path: Path) -> None:
    dates = "".join(
        f"<dateOfBirthItem><uid>{uid}</uid><dateOfBirth>{date}</dateOfBirth>"
        f"<mainEntry>{main}</mainEntry></dateOfBirthItem>"
        for uid, date, main in ((1, "1953", "false"), (2, "1961", "true"), (3, "1950", "false"))
    )
    path = sdn_xml(tmp_path, sdn_entry(1, f"<dateOfBirthList>{dates}</dateOfBirthList>"))

    assert entries_of(path)["1"].canonical()["dates_of_birth"] == ["1961", "1950", "1953"]


def test_both_namespaces_say_the_same(tmp_path: Path) -> None:
    text = LISTED.read_text()
    old = tmp_path / "old.xml"
    old.write_text(text.replace(NEW_NAMESPACE, OLD_NAMESPACE))

    assert old.read_text() != text
    assert _hashes(old) == _hashes(LISTED)


def test_the_consolidated_list_has_the_same_layout() -> None:
    assert set(entries_of(CONSOLIDATED)) == {"15268", "17064", "17248", "18715"}


def test_children_in_another_order_are_no_change(tmp_path: Path) -> None:
    tree = etree.parse(LISTED)
    for element in tree.getroot().iterfind("{*}sdnEntry/*"):
        element[:] = reversed(element)
    reordered = tmp_path / "reordered.xml"
    tree.write(reordered)

    assert re.findall(r"<uid>\d+", reordered.read_text()) != re.findall(
        r"<uid>\d+", LISTED.read_text()
    )
    assert _hashes(reordered) == _hashes(LISTED)


def test_another_childs_row_number_is_no_change(tmp_path: Path) -> None:
    renumbered = tmp_path / "renumbered.xml"
    renumbered.write_text(LISTED.read_text().replace("<uid>9000", "<uid>7000"))

    assert _hashes(renumbered) == _hashes(LISTED)


def test_a_renamed_namespace_reports_only_real_changes() -> None:
    """Counted again from the two files as text, with nothing of ours."""
    before, after = (
        real("ofac/cons_consolidated_2023-11-15.xml"),
        real("ofac/cons_consolidated_2025-05.xml"),
    )
    old_texts, new_texts = _entry_texts(before), _entry_texts(after)
    kept = old_texts.keys() & new_texts.keys()
    old, new = entries_of(before), entries_of(after)

    assert new.keys() - old.keys() == new_texts.keys() - old_texts.keys()
    assert old.keys() - new.keys() == old_texts.keys() - new_texts.keys()
    changed = {key for key in kept if diff(old[key].canonical(), new[key].canonical())}
    assert changed == {key for key in kept if old_texts[key] != new_texts[key]}
    assert (len(new.keys() - old.keys()), len(changed), len(old.keys() - new.keys())) == (1, 74, 3)


def _hashes(path: Path) -> dict[str, str]:
    return {key: entry.content_hash() for key, entry in entries_of(path).items()}


def _entry_texts(path: Path) -> dict[str, list[str]]:
    """Each entry as its sorted children, without the row numbers of children."""
    texts = {}
    for entry in re.findall(r"<sdnEntry>(.*?)</sdnEntry>", path.read_text("utf-8-sig"), re.DOTALL):
        uid, _, rest = entry.partition("</uid>")
        rest = re.sub(r"<uid>\d+</uid>", "", rest)
        children = re.findall(
            r"<(aka|id|address|program|\w+Item|nationality|citizenship)>(.*?)</\1>", rest, re.DOTALL
        )
        plain = re.sub(r"<(\w+List)>.*?</\1>", "", rest, flags=re.DOTALL)
        texts[uid.split(">")[-1]] = sorted(
            re.sub(r"\s+", " ", text) for text in (plain, *(f"{a}:{b}" for a, b in children))
        )
    return texts
