"""How an account stands, in words: what its holds demand and what was read of it.

Not read is never shown as down, and no hold is never shown as a wish to have it up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cases.models import Decision
from platforms.models import Enforcement, Hold, ObservedState, Profile
from platforms.models.holds import KEEPS_DOWN

NUMBER_WORDS = (
    *("No", "One", "Two", "Three", "Four", "Five", "Six"),
    *("Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"),
)

_DOWN = {
    ObservedState.SUSPENDED,
    ObservedState.SUSPENDED_BY_PLATFORM,
    ObservedState.WITHHELD,
    ObservedState.DEACTIVATED,
    ObservedState.GONE,
}


@dataclass(frozen=True)
class Status:
    """A mark, a word and the family that gives both their colour."""

    family: str
    word: str
    mark: str = ""


@dataclass(frozen=True)
class Verdict:
    """What stands under the ladder."""

    family: str
    mark: str
    title: str
    text: str


@dataclass(frozen=True)
class Rung:
    """One hold on the ladder: why, and what there is to know about it."""

    why: str
    meta: str
    lifted: bool


def holds_stand(count: int, *, opens: bool = False) -> str:
    """Return "One hold stands" or "5 holds stand"; `opens` writes the number out."""
    number = NUMBER_WORDS[count] if opens and count < len(NUMBER_WORDS) else str(count)
    return f"{number} hold stands" if count == 1 else f"{number} holds stand"


def status_of(profile: Profile, holds: Sequence[Hold], at: datetime) -> Status:
    """The state that heads the page, from the holds and from the last reading together."""
    keeping_down = sum(hold.stands and hold.effect in KEEPS_DOWN for hold in holds)
    if profile.observed_state == ObservedState.NOT_READ:
        return Status("wait", f"Not read yet, {_hold_words(keeping_down)}", "nodata")
    if profile.observed_state == ObservedState.UNREADABLE:
        return Status("wait", f"Could not be read, {_hold_words(keeping_down)}", "nodata")
    is_up = profile.observed_state not in _DOWN
    word = "Up" if is_up else ObservedState(profile.observed_state).label
    if profile.is_stale(at):
        return Status("wait", f"Last read as {word.lower()}, {_hold_words(keeping_down)}", "nodata")
    if is_up and keeping_down:
        return Status("fault", f"Up, {_hold_words(keeping_down)}", "drift")
    if is_up:
        return Status("quiet", "Up, no hold", "up")
    if keeping_down:
        return Status("held", f"{word}, {_hold_words(keeping_down)}")
    return Status("wait", f"{word}, no hold stands")


def verdict_of(holds: Sequence[Hold]) -> Verdict:
    """What follows from the holds: whether a restore is refused, and what it takes."""
    count = sum(hold.stands and hold.effect in KEEPS_DOWN for hold in holds)
    if not count:
        return Verdict(
            "quiet",
            "quiet",
            "No hold stands",
            "Nothing demands that it is down. A restore still takes a decision by two people.",
        )
    follows = (
        "It is lifted on its own ground, by two people."
        if count == 1
        else "Each is lifted on its own ground, by two people. "
        "Only after the last one can a restore be decided."
    )
    return Verdict(
        "held", "held", "Restore is refused", f"{holds_stand(count, opens=True)}. {follows}"
    )


def ladder_of(holds: Sequence[Hold]) -> list[Rung]:
    """One rung per hold, the lifted ones last. A lifted hold stays in sight."""
    return [
        Rung(why=hold.title, meta=_about(hold), lifted=not hold.stands)
        for hold in sorted(holds, key=lambda hold: (not hold.stands, hold.placed_at))
    ]


def sending_status(enforcement: Enforcement) -> Status:
    """Where an action towards the platform stands."""
    state = Enforcement.State(enforcement.state)
    if state == Enforcement.State.FAILED:
        return Status("fault", "Failed, will be tried again")
    return Status("wait", state.label, "clock" if state == Enforcement.State.APPROVED else "later")


def _hold_words(count: int) -> str:
    return holds_stand(count).lower() if count else "no hold"


def _about(hold: Hold) -> str:
    if not hold.stands:
        ground = Decision.Ground(hold.basis.release_ground).label
        return f"Lifted {_day(hold.released_at)} by {hold.released_by}: {ground.lower()}"
    parts = [hold.detail] if hold.detail else []
    designation = hold.basis.designation
    if designation is not None and designation.delisted_at is not None:
        parts.append(f"delisted {_day(designation.delisted_at)}, stands until released")
    else:
        parts.append(f"since {_day(hold.placed_at)}")
    if hold.territory:
        parts.append(f"in {hold.territory} only")
    words = ", ".join(parts)
    return words[:1].upper() + words[1:]


def _day(value: datetime | None) -> str:
    return "" if value is None else f"{value.day} {value:%b %Y}"
