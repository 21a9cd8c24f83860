"""What reading a list gives: its header, its entries one by one, and what to know about them."""

import datetime
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import BinaryIO

from sanctions.formats.entries import ListEntry

# Opens the bytes of one file, unpacked, from their beginning.
Opener = Callable[[], AbstractContextManager[BinaryIO]]


@dataclass(slots=True)
class ParsedList:
    """A list being read.

    `entries` reads the file as it is consumed and can be consumed once; a fault found on the way is
    raised from it as `ListRefused`. `warnings` and `has_end_mark` are complete once `entries` is
    exhausted. `has_end_mark` is False where a file lacks the publisher's mark that it is whole, so
    that a cut between two rows could go unseen.
    """

    format: str
    entries: Iterator[ListEntry]
    published_on: datetime.date | None = None
    declared_count: int | None = None
    warnings: list[str] = field(default_factory=list)
    has_end_mark: bool = True
