"""How an account stands, in words: not read is never down, and a lifted hold stays in sight."""

from datetime import UTC, datetime, timedelta

import pytest

from cases import standing
from platforms.models import Effect, Hold, ObservedState, Platform, Profile

NOW = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)


def profile(state: ObservedState, read: timedelta = timedelta(0)) -> Profile:
    return Profile(platform=Platform(), observed_state=state, observed_at=NOW - read)


def holds(standing_count: int, lifted: int = 0, effect: Effect = Effect.SUSPEND) -> list[Hold]:
    return [
        *(Hold(title=f"Hold {n}", effect=effect, placed_at=NOW) for n in range(standing_count)),
        *(Hold(effect=effect, placed_at=NOW, released_at=NOW) for _ in range(lifted)),
    ]


@pytest.mark.parametrize(
    ("state", "count", "family", "word"),
    [
        (ObservedState.SUSPENDED, 5, "held", "Down, 5 holds stand"),
        (ObservedState.SUSPENDED, 1, "held", "Down, 1 hold stands"),
        (ObservedState.GONE, 1, "held", "Gone, 1 hold stands"),
        (ObservedState.SUSPENDED, 0, "wait", "Down, no hold stands"),
        (ObservedState.ACTIVE, 2, "fault", "Up, 2 holds stand"),
        (ObservedState.ACTIVE, 0, "quiet", "Up, no hold"),
        (ObservedState.UNREADABLE, 1, "wait", "Could not be read, 1 hold stands"),
        (ObservedState.NOT_READ, 0, "wait", "Not read yet, no hold"),
    ],
)
def test_the_state_tells_holds_and_reading_together(
    state: ObservedState, count: int, family: str, word: str
) -> None:
    status = standing.status_of(profile(state), holds(count), NOW)

    assert (status.family, status.word) == (family, word)


@pytest.mark.parametrize("state", [ObservedState.SUSPENDED, ObservedState.GONE])
def test_an_old_reading_is_never_told_as_down(state: ObservedState) -> None:
    status = standing.status_of(profile(state, timedelta(days=2)), holds(1), NOW)

    assert status.family == "wait"
    assert status.word.startswith("Last read as")


def test_a_label_alone_keeps_nobody_down() -> None:
    labels = holds(2, effect=Effect.LABEL)

    assert standing.verdict_of(labels).title == "No hold stands"
    assert standing.status_of(profile(ObservedState.ACTIVE), labels, NOW).word == "Up, no hold"


@pytest.mark.parametrize(
    ("count", "words"),
    [(1, "One hold stands."), (5, "Five holds stand."), (13, "13 holds stand.")],
)
def test_the_verdict_counts_in_words(count: int, words: str) -> None:
    verdict = standing.verdict_of(holds(count, lifted=1))

    assert verdict.title == "Restore is refused"
    assert verdict.text.startswith(words)


def test_no_hold_promises_no_restore() -> None:
    verdict = standing.verdict_of(holds(0, lifted=3))

    assert verdict.family == "quiet"
    assert "takes a decision by two people" in verdict.text
