"""Sorted integer arrays that answer: which rows carry this key. Small, picklable, quick to load."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

_NOTHING: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Postings:
    """`keys` ascending; the rows of `keys[i]` are `rows[starts[i]:starts[i + 1]]`."""

    keys: "array[int]"
    starts: "array[int]"
    rows: "array[int]"

    @classmethod
    def build(cls, entries: Iterable[tuple[int, int]]) -> Self:
        """From (key, row) pairs in any order; a pair that occurs twice is kept once."""
        keys, starts, rows = array("Q"), array("I"), array("I")
        for key, row in sorted(set(entries)):
            if not keys or keys[-1] != key:
                keys.append(key)
                starts.append(len(rows))
            rows.append(row)
        starts.append(len(rows))
        return cls(keys, starts, rows)

    def get(self, key: int) -> Sequence[int]:
        place = bisect_left(self.keys, key)
        if place == len(self.keys) or self.keys[place] != key:
            return _NOTHING
        return self.rows[self.starts[place] : self.starts[place + 1]]

    def without_longer_than(self, most: int) -> Self:
        """The same postings, keys with more rows than `most` left out."""
        return self.build(
            (key, row)
            for place, key in enumerate(self.keys)
            if self.starts[place + 1] - self.starts[place] <= most
            for row in self.rows[self.starts[place] : self.starts[place + 1]]
        )
