"""The way in: files of any official shape, packed or plain, give one `ParsedList`."""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from sanctions.formats import ofac_csv, ofac_xml
from sanctions.formats.entries import ListEntry
from sanctions.formats.parsed import Opener, ParsedList
from sanctions.formats.refusals import ListRefused, Reason

# SDN.XML has 29 MB. A list twenty times as large is none.
MAX_UNPACKED_BYTES = 600 * 1024 * 1024
# Official lists pack to about a twentieth. Past the first megabytes, a far better ratio is a bomb.
MAX_PACKING_RATIO = 200
RATIO_FREE_BYTES = 16 * 1024 * 1024
PEEK_BYTES = 64 * 1024
# OFAC's longest name has some 350 characters, its longest program code some 30.
LONGEST_NAME = 1000
LONGEST_PROGRAM = 120

XML = ofac_xml.FORMAT
SDN_CSV, ALT_CSV, ADD_CSV = "ofac-sdn-csv", "ofac-alt-csv", "ofac-add-csv"
_CSV_BY_COLUMNS = {
    ofac_csv.SDN_COLUMNS: SDN_CSV,
    ofac_csv.ALT_COLUMNS: ALT_CSV,
    ofac_csv.ADD_COLUMNS: ADD_CSV,
}
# UTF-8 that was read as Latin-1 and written as UTF-8 again: "Ã©" for "é".
_MOJIBAKE = re.compile("[\u00c2-\u00c5\u00d0\u00d1][\u0080-\u00bf]|\ufffd")


def read_list(paths: Sequence[Path]) -> ParsedList:
    """Read one list from its files: one XML file, or SDN.CSV with ALT.CSV and ADD.CSV beside it.

    Files may be plain, `.gz` or `.zip`; what they are is read from their content, so neither order
    nor names matter. Raises `ListRefused` here, or from `entries` for a fault found later.
    """
    found: dict[str, Path] = {}
    for path in paths:
        kind = detect(path)
        if kind in found:
            raise ListRefused(
                Reason.UNKNOWN_LAYOUT,
                f"{found[kind].name} and {path.name} are the same part of a list.",
            )
        found[kind] = path
    if set(found) == {XML}:
        parsed = ofac_xml.read(_opener(found[XML]))
    elif SDN_CSV in found and XML not in found:
        parsed = ofac_csv.read(
            _opener(found[SDN_CSV]),
            alt=_opener(found[ALT_CSV]) if ALT_CSV in found else None,
            add=_opener(found[ADD_CSV]) if ADD_CSV in found else None,
        )
    else:
        names = ", ".join(path.name for path in paths) or "no files"
        raise ListRefused(
            Reason.MISSING_FILE,
            "A list is one XML file, or SDN.CSV with or without ALT.CSV and ADD.CSV. "
            f"Got: {names}.",
        )
    parsed.entries = _checked(parsed.entries)
    return parsed


def detect(path: Path) -> str:
    """Which file this is, by its content: `XML`, `SDN_CSV`, `ALT_CSV` or `ADD_CSV`."""
    with open_unpacked(path) as stream:
        head = stream.read(PEEK_BYTES)
    if not head.strip(b" \t\r\n\x1a"):
        raise ListRefused(Reason.EMPTY, f"{path.name} is empty.")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head:
        raise ListRefused(
            Reason.ENCODING,
            f"{path.name} is not UTF-8 text: it looks like UTF-16 or like no text at all.",
        )
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    opening = text[:4096].lower()
    if text.startswith(b"<"):
        if b"<html" in opening or b"<!doctype html" in opening:
            raise ListRefused(
                Reason.HTML,
                f"{path.name} is a web page, not a list. The address may have moved, or the site "
                "may have answered with an error page.",
            )
        if b"<!doctype" in text.lower() or b"<!entity" in text.lower():
            raise ofac_xml.entities_forbidden()
        return XML
    return _csv_part(path, text)


def _csv_part(path: Path, text: bytes) -> str:
    try:
        row = next(csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline="")))
    except (csv.Error, StopIteration):
        row = []
    part = _CSV_BY_COLUMNS.get(len(row))
    if part is None or not row[0].strip().isdecimal():
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"{path.name} is neither an OFAC XML list nor SDN.CSV, ALT.CSV or ADD.CSV: "
            f"it begins with {text[:60].decode('utf-8', 'replace')!r}.",
        )
    return part


def _checked(entries: Iterator[ListEntry]) -> Iterator[ListEntry]:
    """The entries, refusing what no format may contain."""
    seen: set[str] = set()
    for entry in entries:
        if entry.entry_key in seen:
            raise ListRefused(
                Reason.DUPLICATE_KEY,
                f"Entry {entry.entry_key} ({entry.primary_name}) is in the list twice. "
                "One number must mean one subject, so none of it was taken.",
            )
        seen.add(entry.entry_key)
        if len(entry.primary_name) > LONGEST_NAME or any(
            len(code) > LONGEST_PROGRAM for code in entry.programs
        ):
            raise ListRefused(
                Reason.MALFORMED,
                f"Entry {entry.entry_key} has a name or a program far longer than any real one: "
                f"{entry.primary_name[:80]!r}.",
            )
        for name in entry.names:
            if _MOJIBAKE.search(name.text):
                raise ListRefused(
                    Reason.ENCODING,
                    f"The name {name.text!r} of entry {entry.entry_key} was read in a wrong "
                    "encoding before it came here. None of the list was taken.",
                )
        yield entry
    if not seen:
        raise ListRefused(Reason.EMPTY, "The list has no entries.")


def _opener(path: Path) -> Opener:
    return partial(open_unpacked, path)


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a plain, `.gz` or `.zip` file, bounded so that a bomb ends as a refusal."""
    with ExitStack() as stack:
        try:
            packed = stack.enter_context(path.open("rb"))
        except FileNotFoundError:
            raise ListRefused(Reason.MISSING_FILE, f"There is no file {path.name}.") from None
        magic = packed.read(4)
        packed.seek(0)
        size_bytes = path.stat().st_size
        if magic.startswith(b"\x1f\x8b"):
            unpacked = cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=packed)))
        elif magic == b"PK\x03\x04":
            unpacked = stack.enter_context(_only_list_in(path, packed, stack))
        else:
            unpacked = packed
        yield cast(BinaryIO, io.BufferedReader(_Bounded(unpacked, path.name, size_bytes)))


def _only_list_in(
    path: Path, packed: BinaryIO, stack: ExitStack
) -> AbstractContextManager[BinaryIO]:
    try:
        archive = stack.enter_context(zipfile.ZipFile(packed))
        members = [
            member
            for member in archive.infolist()
            if member.filename.casefold().endswith((".xml", ".csv"))
        ]
        if len(members) != 1:
            raise ListRefused(
                Reason.ARCHIVE,
                f"{path.name} holds {len(members)} XML or CSV files, where one list belongs.",
            )
        return cast(AbstractContextManager[BinaryIO], archive.open(members[0]))
    except zipfile.BadZipFile:
        raise ListRefused(
            Reason.TRUNCATED, f"{path.name} is a broken or cut archive: it cannot be unpacked."
        ) from None
    except RuntimeError:
        # What zipfile raises for a password, and for a packing it does not know.
        raise ListRefused(
            Reason.ARCHIVE, f"{path.name} is encrypted or packed in a way we do not read."
        ) from None


class _Bounded(io.RawIOBase):
    """Counts what comes out of an archive and stops it at the bounds above."""

    def __init__(self, stream: BinaryIO, name: str, packed_bytes: int) -> None:
        self._stream = stream
        self._name = name
        self._read_bytes = 0
        ratio_bound = max(RATIO_FREE_BYTES, packed_bytes * MAX_PACKING_RATIO)
        self._bound = min(MAX_UNPACKED_BYTES, ratio_bound)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any buffer will do
        try:
            chunk = self._stream.read(len(buffer))
        except EOFError:
            raise ListRefused(
                Reason.TRUNCATED, f"{self._name} is packed and ends early: it was cut short."
            ) from None
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error):
            raise ListRefused(
                Reason.MALFORMED, f"{self._name} is packed and damaged: it cannot be unpacked."
            ) from None
        self._read_bytes += len(chunk)
        if self._read_bytes > self._bound:
            raise ListRefused(
                Reason.TOO_LARGE,
                f"{self._name} unpacks to more than {self._bound // 1_000_000} MB. No list is "
                "that large, so it was not read further.",
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)
