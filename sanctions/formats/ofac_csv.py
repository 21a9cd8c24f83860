"""SDN.CSV with, where given, ALT.CSV (strong aliases) and ADD.CSV (addresses).

No header row; `-0- ` is null; the last line is the byte 0x1A; weak aliases and most facts stand in
Remarks. Layout: https://ofac.treasury.gov/media/29976/download (dat_spec.txt).
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator

from sanctions.formats.entries import ListedAddress, ListedName, ListEntry, VesselDetails
from sanctions.formats.ofac_remarks import read_csv_remarks
from sanctions.formats.ofac_terms import KINDS_BY_OFAC_TYPE, NAME_TYPES, EntryDraft
from sanctions.formats.parsed import Opener, ParsedList
from sanctions.formats.refusals import ListRefused, Reason

FORMAT = "ofac-csv"
SDN_COLUMNS = 12
ALT_COLUMNS = 5
ADD_COLUMNS = 6
END_MARK = "\x1a"


def is_null(value: str) -> bool:
    """OFAC writes null as `-0- `."""
    return value.strip() in ("", "-0-")


def read(sdn: Opener, *, alt: Opener | None = None, add: Opener | None = None) -> ParsedList:
    """The entries of SDN.CSV, joined by uid with the rows of ALT.CSV and ADD.CSV.

    The three files are published together, yet fetched one by one: a row that names no entry of
    this SDN.CSV is counted in a warning and refuses nothing.
    """
    parts = (FORMAT, "alt" if alt else "", "add" if add else "")
    parsed = ParsedList(format="+".join(filter(None, parts)), entries=iter(()))
    parsed.entries = _entries(parsed, sdn, alt, add)
    return parsed


def _entries(
    parsed: ParsedList,
    sdn: Opener,
    alt: Opener | None,
    add: Opener | None,
) -> Iterator[ListEntry]:
    aliases = _read_aliases(parsed, alt) if alt else {}
    addresses = _read_addresses(parsed, add) if add else {}
    cut_remarks = 0
    for number, row in _rows(parsed, sdn, "SDN.CSV", SDN_COLUMNS):
        draft = _draft(number, row)
        cut_remarks += read_csv_remarks(draft, "" if is_null(row[11]) else row[11])
        draft.aliases.extend(aliases.pop(draft.entry_key, ()))
        for address in addresses.pop(draft.entry_key, ()):
            draft.add_address(address)
        yield draft.entry()
    if cut_remarks:
        parsed.warnings.append(
            f"{cut_remarks} entries have Remarks of 1,000 characters or more, where SDN.CSV cuts "
            "them. SDN.XML has them whole."
        )
    for name, orphans in (("ALT.CSV", aliases), ("ADD.CSV", addresses)):
        if orphans:
            rows = sum(len(members) for members in orphans.values())
            parsed.warnings.append(
                f"{rows} rows of {name} name {len(orphans)} entries that SDN.CSV does not have. "
                "They were left out. The files may be of different days."
            )


def _draft(number: int, row: list[str]) -> EntryDraft:
    values = ["" if is_null(value) else value.strip() for value in row[:11]]
    uid, name, sdn_type, programs, title, call_sign, vessel_type, tonnage, gross, flag, owner = (
        values
    )
    if not uid.isdecimal():
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"Row {number} of SDN.CSV begins with {uid[:40]!r} where an entry's number belongs. "
            "The columns may have moved.",
        )
    if not name:
        raise ListRefused(Reason.MALFORMED, f"Entry {uid} (row {number} of SDN.CSV) has no name.")
    kind = KINDS_BY_OFAC_TYPE.get(sdn_type.casefold() or "entity")
    if kind is None:
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"Entry {uid} (row {number} of SDN.CSV) is of the unknown type {sdn_type[:40]!r}.",
        )
    return EntryDraft(
        entry_key=uid,
        kind=kind,
        primary_name=name,
        programs=[code for part in programs.split("]") if (code := part.strip(" ["))],
        title=title,
        vessel=VesselDetails(call_sign, vessel_type, tonnage, gross, flag, owner),
    )


def _read_aliases(parsed: ParsedList, alt: Opener) -> dict[str, list[ListedName]]:
    found: defaultdict[str, list[ListedName]] = defaultdict(list)
    for number, (uid, _, type_, name, _remarks) in _rows(parsed, alt, "ALT.CSV", ALT_COLUMNS):
        if type_.strip() not in NAME_TYPES:
            raise ListRefused(
                Reason.UNKNOWN_LAYOUT,
                f"Row {number} of ALT.CSV is a name of the unknown type {type_[:40]!r}.",
            )
        if not is_null(name):
            found[uid.strip()].append(
                ListedName(name.strip(), quality="strong", type=NAME_TYPES[type_.strip()])
            )
    return found


def _read_addresses(parsed: ParsedList, add: Opener) -> dict[str, list[ListedAddress]]:
    found: defaultdict[str, list[ListedAddress]] = defaultdict(list)
    for _, row in _rows(parsed, add, "ADD.CSV", ADD_COLUMNS):
        street, locality, country, remarks = (
            "" if is_null(value) else value.strip() for value in row[2:]
        )
        found[row[0].strip()].append(ListedAddress(street, locality, country, remarks))
    return found


def _rows(
    parsed: ParsedList, opener: Opener, name: str, columns: int
) -> Iterator[tuple[int, list[str]]]:
    """The rows of one file with their numbers, up to its end mark."""
    with opener() as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="strict", newline="")
        reader = csv.reader(text, strict=True)
        number = 0
        row = _next_row(reader, name, number)
        while row is not None and row != [END_MARK]:
            number += 1
            following = _next_row(reader, name, number)
            if row and len(row) != columns:
                raise _wrong_row(name, number, row, columns, is_last=following is None)
            # A null cut in two is all that a cut inside the last column can leave.
            if row and following is None and row[-1] in ("", "-", "-0"):
                raise _cut_in_row(name, number)
            if row:
                yield number, row
            row = following
        if row is None:
            parsed.has_end_mark = False


def _next_row(reader: Iterator[list[str]], name: str, number: int) -> list[str] | None:
    """The row after row `number`, or None at the end of the file."""
    try:
        return next(reader, None)
    except UnicodeDecodeError:
        raise ListRefused(
            Reason.ENCODING,
            f"{name} is not UTF-8 text after row {number}. A list read in the wrong encoding has "
            "wrong names in it, so none of it was taken.",
        ) from None
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise _cut_in_row(name, number + 1) from None
        raise ListRefused(
            Reason.MALFORMED, f"{name} is broken after row {number}: {error}."
        ) from None


def _cut_in_row(name: str, number: int) -> ListRefused:
    return ListRefused(
        Reason.TRUNCATED, f"{name} ends in the middle of row {number}: it was cut short."
    )


def _wrong_row(
    name: str, number: int, row: list[str], columns: int, *, is_last: bool
) -> ListRefused:
    if is_last and len(row) < columns:
        return _cut_in_row(name, number)
    return ListRefused(
        Reason.UNKNOWN_LAYOUT,
        f"Row {number} of {name} has {len(row)} columns where {columns} belong. "
        "The layout may have changed.",
    )
