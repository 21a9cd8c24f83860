"""Invented people and lists, the same ones in each run, for when the real lists are not here."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

NULL = "-0- "
# The publisher ends the file with the end mark of DOS.
END_MARK = "\x1a"

_SYLLABLES = tuple(
    first + vowel + last
    for first in ("b", "d", "f", "g", "h", "k", "kh", "l", "m", "n", "p", "r", "s", "sh", "t", "z")
    for vowel in ("a", "e", "i", "o", "u")
    for last in ("", "l", "m", "n", "r", "s")
)
_ENDINGS = ("ev", "ov", "sky", "zadeh", "ian", "ez", "son", "i", "", "")
_COUNTRIES = ("Iran", "Russia", "Syria", "Mexico", "Belarus", "Yemen", "Somalia", "China")
_PROGRAMS = ("SDGT", "SDNTK", "RUSSIA-EO14024", "IRAN", "SYRIA", "BELARUS", "CYBER2", "GLOMAG")
_FORMS = ("LLC", "TRADING COMPANY", "JSC", "SHIPPING CO., LTD.", "FOUNDATION", "HOLDING")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of SDN.CSV, of the twelve columns those that are filled here."""

    uid: int
    name: str
    kind: str
    programs: tuple[str, ...]
    remarks: str

    @property
    def is_person(self) -> bool:
        return self.kind == "individual"


def word(random: Random, *, ending: bool = False) -> str:
    """A word that could be part of a name."""
    text = "".join(random.choices(_SYLLABLES, k=random.choice((2, 2, 3))))
    return (text + random.choice(_ENDINGS) if ending else text).capitalize()


def person_name(random: Random) -> tuple[str, str]:
    """A given and a family name."""
    return word(random), word(random, ending=True)


def sdn_entries(count: int, *, seed: int = 1, first_uid: int = 1_000) -> list[Entry]:
    """That many entries in order of uid: two of three are people, the rest are organisations."""
    random = Random(seed)
    entries = []
    uid = first_uid
    for _ in range(count):
        uid += random.randint(1, 3)
        programs = tuple(sorted(set(random.choices(_PROGRAMS, k=random.choice((1, 1, 2))))))
        country = random.choice(_COUNTRIES)
        if random.random() < 2 / 3:
            given, family = person_name(random)
            remarks = (
                f"DOB {random.randint(1, 28):02} {random.choice(_MONTHS)} "
                f"{random.randint(1940, 2000)}; nationality {country}; Gender Male; "
                f"a.k.a. '{word(random).upper()}'."
            )
            name = f"{family.upper()}, {given}"
            entries.append(Entry(uid, name, "individual", programs, remarks))
        else:
            name = f"{word(random)} {word(random)} {random.choice(_FORMS)}".upper()
            remarks = f"Organization Established Date {random.randint(1980, 2020)}."
            entries.append(Entry(uid, name, NULL, programs, remarks))
    return entries


def next_day(entries: Sequence[Entry], *, added: int, changed: int, seed: int = 2) -> list[Entry]:
    """The same list a day later: some entries have one more program, and new ones follow."""
    random = Random(seed)
    places = set(random.sample(range(len(entries)), changed))
    later = [
        replace(entry, programs=(*entry.programs, "NEXT-DAY")) if place in places else entry
        for place, entry in enumerate(entries)
    ]
    return later + sdn_entries(added, seed=seed, first_uid=entries[-1].uid)


def write_sdn_csv(path: Path, entries: Sequence[Entry]) -> Path:
    """Write entries as the Treasury writes SDN.CSV: no header, quoted text, `-0- ` for nothing."""

    def cell(text: str) -> str:
        return text if text == NULL else '"' + text.replace('"', '""') + '"'

    with path.open("w", encoding="utf-8", newline="") as file:
        for entry in entries:
            cells = [
                str(entry.uid),
                cell(entry.name),
                cell(entry.kind),
                cell("] [".join(entry.programs)),
                *[NULL] * 7,
                cell(entry.remarks),
            ]
            file.write(",".join(cells) + "\r\n")
        file.write(END_MARK)
    return path


def people_listed(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """The uid of each person of an SDN.CSV, and the name as a profile would show it."""
    for row in csv.reader(lines):
        if len(row) == 12 and row[2] == "individual" and "," in row[1]:
            family, _, given = row[1].partition(", ")
            yield int(row[0]), f"{given} {family.title()}"


def profile_rows(
    count: int, *, listed_names: Sequence[str] = (), seed: int = 3
) -> Iterator[dict[str, Any]]:
    """Accounts as docs/connector-api.md writes them. The first ones show the names given."""
    random = Random(seed)
    for number in range(count):
        given, family = person_name(random)
        name = listed_names[number] if number < len(listed_names) else f"{given} {family}"
        yield {
            "id": f"b{number:08}",
            "handle": f"user{number}",
            "display_name": name,
            "followers": int(random.random() ** 6 * 5_000_000),
        }
