"""Read a whole list before anything of it is applied. Memory stays flat.

The canonical entries go to a temporary file, one JSON line each. Only their keys and hashes stay
in memory, which is all that the guards and the comparison need.
"""

import datetime
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sanctions.formats.entries import canonical_hash
from sanctions.formats.reading import read_list

# Called with how many entries have been read so far.
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class StagedList:
    """A list that was read to its end without a fault."""

    format: str
    published_on: datetime.date | None
    has_end_mark: bool
    warnings: tuple[str, ...]
    hashes: dict[str, str]
    lines: IO[str]

    def entries(self, keys: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The key and the canonical form of each staged entry among `keys`."""
        self.lines.seek(0)
        for line in self.lines:
            key, _, text = line.partition("\t")
            if key in keys:
                yield key, json.loads(text)


@contextmanager
def staged(paths: tuple[Path, ...], *, progress: Progress) -> Iterator[StagedList]:
    """Read the list to its end. Raises `ListRefused` for any fault in any part of it."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as lines:
        parsed = read_list(paths)
        hashes: dict[str, str] = {}
        for entry in parsed.entries:
            content = entry.canonical()
            hashes[entry.entry_key] = canonical_hash(content)
            lines.write(f"{entry.entry_key}\t{json.dumps(content)}\n")
            progress(len(hashes))
        yield StagedList(
            format=parsed.format,
            published_on=parsed.published_on,
            has_end_mark=parsed.has_end_mark,
            warnings=tuple(parsed.warnings),
            hashes=hashes,
            lines=lines,
        )
