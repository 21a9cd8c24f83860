"""Take profiles from a file a platform exported: JSON lines or CSV, plain or gzipped."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from accounts.actors import Actor
from accounts.refusals import Refusal
from platforms import profiles
from platforms.models import Platform

LIST_COLUMNS = ("links", "image_fingerprints")
TRUE_WORDS = {"true", "yes", "1"}
FALSE_WORDS = {"false", "no", "0"}


class UnknownFormat(Refusal):
    """A file that is neither JSON lines nor CSV by its name, or cannot be read as such."""

    code = "unknown_format"


@dataclass(frozen=True)
class LineError:
    """A line that was left out, counted from 1, and why."""

    line: int
    id: str
    message: str


@dataclass
class ImportReport:
    """What an import did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[LineError] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def import_profiles(*, actor: Actor, platform: Platform, path: Path) -> ImportReport:
    """Take every line of the file that can be taken, in batches. Raises `UnknownFormat`.

    A line is one account as docs/connector-api.md writes it. In CSV the first line names the
    columns, lists are separated by white space, and an empty number means "not given".
    """
    report = ImportReport()
    for batch in _batches(_rows(path), size=profiles.BATCH_LIMIT):
        lines = [line for line, _ in batch]
        result = profiles.upsert_profiles(
            actor=actor, platform=platform, rows=[row for _, row in batch]
        )
        report.created += result.created
        report.changed += result.changed
        report.unchanged += result.unchanged
        report.errors += [
            LineError(lines[error.index], error.external_id, error.message)
            for error in result.errors
        ]
    return report


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield each row with its line number. What is no row comes as it is, to be reported."""
    name = path.name.removesuffix(".gz")
    read = {".jsonl": _json_lines, ".csv": _csv_lines}.get(Path(name).suffix)
    if read is None:
        raise UnknownFormat(f"{path.name} is neither .jsonl nor .csv (nor one of them with .gz).")
    try:
        with _open(path) as file:
            yield from read(file)
    except (OSError, EOFError, csv.Error) as error:
        raise UnknownFormat(f"{path.name} cannot be read: {error}.") from error


def _open(path: Path) -> IO[str]:
    # A byte that is no UTF-8 becomes half of a surrogate pair, and that row is refused.
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _json_lines(file: IO[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(file, start=1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError):
                yield number, line


def _csv_lines(file: IO[str]) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(file)
    for row in reader:
        yield reader.line_num, {name: _cell(name, text) for name, text in _given(row)}


def _given(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    typed = {"followers", "verified", "created_at"}
    for name, text in row.items():
        # DictReader keeps surplus cells under None, and None for cells that are missing.
        if isinstance(name, str) and isinstance(text, str) and (text or name not in typed):
            yield name, text


def _cell(name: str, text: str) -> Any:
    """Return the cell as JSON would have it. What does not fit is left for the row's check."""
    if name in LIST_COLUMNS:
        return text.split()
    if name == "followers":
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text
    if name == "verified":
        word = text.strip().lower()
        return True if word in TRUE_WORDS else False if word in FALSE_WORDS else text
    return text


def _batches(rows: Iterator[tuple[int, Any]], *, size: int) -> Iterator[list[tuple[int, Any]]]:
    while batch := list(islice(rows, size)):
        yield batch
