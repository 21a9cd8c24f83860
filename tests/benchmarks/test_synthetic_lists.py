"""The lists that stand in for the real ones are lists: our reader takes them as they are."""

import csv
import io
from pathlib import Path

from benchmarks import synthetic
from benchmarks.figures import FULL
from benchmarks.lists import TwoDays, two_days
from sanctions.formats.reading import read_list

SMALL = {"entries": 400, "added": 30, "changed": 8}


def written(folder: Path, name: str, entries: list[synthetic.Entry]) -> Path:
    return synthetic.write_sdn_csv(folder / name, entries)


def rows(path: Path) -> dict[str, list[str]]:
    text = path.read_text(encoding="utf-8").removesuffix("\x1a")
    return {row[0]: row for row in csv.reader(io.StringIO(text, newline=""))}


def test_it_is_read_to_its_end_mark(tmp_path: Path) -> None:
    entries = synthetic.sdn_entries(SMALL["entries"])

    parsed = read_list([written(tmp_path, "SDN.CSV", entries)])
    found = list(parsed.entries)

    assert [entry.entry_key for entry in found] == [str(entry.uid) for entry in entries]
    assert [entry.primary_name for entry in found] == [entry.name for entry in entries]
    assert {entry.kind for entry in found} == {"person", "organisation"}


def test_people_have_what_screening_weighs(tmp_path: Path) -> None:
    entries = synthetic.sdn_entries(SMALL["entries"])
    parsed = read_list([written(tmp_path, "SDN.CSV", entries)])

    people = [entry for entry in parsed.entries if entry.kind == "person"]

    assert all(person.dates_of_birth and person.nationalities for person in people)
    assert all(len(person.names) == 2 for person in people)


def test_it_is_the_same_list_each_time(tmp_path: Path) -> None:
    one = written(tmp_path, "one.csv", synthetic.sdn_entries(SMALL["entries"]))
    other = written(tmp_path, "other.csv", synthetic.sdn_entries(SMALL["entries"]))

    assert one.read_bytes() == other.read_bytes()


def test_the_next_day_has_the_changes_it_was_asked_for(tmp_path: Path) -> None:
    entries = synthetic.sdn_entries(SMALL["entries"])
    later = synthetic.next_day(entries, added=SMALL["added"], changed=SMALL["changed"])
    before = rows(written(tmp_path, "1.csv", entries))
    after = rows(written(tmp_path, "2.csv", later))

    assert len(after.keys() - before.keys()) == SMALL["added"]
    assert before.keys() <= after.keys()
    assert sum(before[uid] != after[uid] for uid in before) == SMALL["changed"]


def test_the_new_people_are_those_of_the_second_day(tmp_path: Path) -> None:
    entries = synthetic.sdn_entries(SMALL["entries"])
    later = synthetic.next_day(entries, added=SMALL["added"], changed=SMALL["changed"])
    days = TwoDays(written(tmp_path, "1.csv", entries), written(tmp_path, "2.csv", later), "a test")

    new = days.new_people()

    assert len(new) == sum(entry.is_person for entry in later[SMALL["entries"] :])
    assert all("," not in name for name in new)


def test_a_smaller_scale_never_reads_the_real_lists(tmp_path: Path) -> None:
    days = two_days(tmp_path, type(FULL)(**{**_sizes(), "entries": 50, "new_entries": 5}))

    assert days.origin.startswith("generated")
    assert days.first.parent == tmp_path


def _sizes() -> dict[str, float]:
    return {name: getattr(FULL, name) for name in FULL.__slots__}
