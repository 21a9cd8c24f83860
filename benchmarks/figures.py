"""What a measurement returns: figures, each beside a limit or a peer."""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

# Says what is being done now, to whoever waits.
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, NaN where it could not be had.

    `beside` is its limit or its peer in words. `holds` is None without a limit.
    """

    what: str
    value: float
    unit: str
    beside: str = ""
    holds: bool | None = None

    @property
    def verdict(self) -> str:
        """Say in one word how the figure stands to its limit."""
        return {True: "holds", False: "missed", None: ""}[self.holds]

    @property
    def shown(self) -> str:
        """The number with its unit, as precise as it is worth."""
        if math.isnan(self.value):
            return "not measured"
        if abs(self.value) >= 100:
            return f"{self.value:,.0f} {self.unit}".strip()
        return f"{self.value:.3g} {self.unit}".strip()

    def as_json(self) -> dict[str, Any]:
        """The fields, without what JSON has no word for."""
        value = None if math.isnan(self.value) else round(self.value, 4)
        return asdict(self) | {"value": value}


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the measured desk is. Times are wall-clock seconds unless a figure says CPU."""

    entries: int
    new_entries: int
    profiles: int
    kept: int
    screened: int
    cases: int
    people: int
    access_grants: int
    rounds: int
    held: int
    writers: int
    writing_seconds: float
    submissions: int
    reports: int
    claiming_seconds: float


FULL = Scale(
    entries=13_929,
    new_entries=553,
    profiles=20_000,
    kept=100_000,
    screened=10_000,
    cases=100_000,
    people=10_000,
    access_grants=1_000_000,
    rounds=20,
    held=5_000,
    writers=32,
    writing_seconds=5.0,
    submissions=60,
    reports=100_000,
    claiming_seconds=60.0,
)
QUICK = Scale(
    entries=2_000,
    new_entries=100,
    profiles=1_000,
    kept=2_000,
    screened=600,
    cases=2_000,
    people=200,
    access_grants=20_000,
    rounds=5,
    held=500,
    writers=8,
    writing_seconds=1.0,
    submissions=6,
    reports=1_200,
    claiming_seconds=5.0,
)


def at_most(what: str, value: float, unit: str, limit: float, *, note: str = "") -> Figure:
    """A figure that must not pass a limit."""
    return Figure(what, value, unit, _limit("at most", limit, unit, note), value <= limit)


def at_least(what: str, value: float, unit: str, limit: float, *, note: str = "") -> Figure:
    """A figure that must reach a limit."""
    return Figure(what, value, unit, _limit("at least", limit, unit, note), value >= limit)


def _limit(words: str, limit: float, unit: str, note: str) -> str:
    return f"{words} {limit:g} {unit}".strip() + (f"; {note}" if note else "")


def percentile(times: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the times lie, by nearest rank."""
    ordered = sorted(times)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)]
