"""The one table of steps a case can take. Single and bulk actions share it."""

from cases.models import Case
from cases.refusals import InvalidCaseStep

State = Case.State

TRANSITIONS: dict[State, frozenset[State]] = {
    State.OPEN: frozenset({State.WAITING, State.WITH_COUNSEL, State.PROPOSED, State.CLOSED}),
    State.WAITING: frozenset({State.OPEN, State.WITH_COUNSEL, State.PROPOSED, State.CLOSED}),
    State.WITH_COUNSEL: frozenset({State.OPEN, State.WAITING, State.PROPOSED, State.CLOSED}),
    State.PROPOSED: frozenset({State.OPEN, State.WAITING, State.WITH_COUNSEL, State.CLOSED}),
    State.CLOSED: frozenset(),
}


def check(current: str, target: State) -> None:
    """Raise `InvalidCaseStep` unless a case may go from one state to the other."""
    state = State(current)
    if target == state:
        raise InvalidCaseStep(f"This case is already in the state “{target.label}”.")
    if target not in TRANSITIONS[state]:
        raise InvalidCaseStep(f"A case in the state “{state.label}” cannot go to “{target.label}”.")
