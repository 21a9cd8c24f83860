"""Refusals about holds and enforcements, the database's own included."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DatabaseError

from accounts.refusals import Refusal
from platforms.models import Hold


class RestoreRefused(Refusal):
    """A restore while holds stand. It names every one of them."""

    code = "holds_stand"

    def __init__(self, holds: Sequence[Hold] = (), text: str = "") -> None:
        self.holds = list(holds)
        super().__init__(text or _holds_stand(self.holds))

    def facts(self) -> dict[str, Any]:
        return {
            "holds": [
                {
                    "id": hold.pk,
                    "kind": hold.kind,
                    "source": hold.source,
                    "entry_key": hold.entry_key,
                    "title": hold.title,
                    "effect": hold.effect,
                    "placed_at": hold.placed_at.isoformat(),
                }
                for hold in self.holds
            ]
        }


class NothingDemandsIt(Refusal):
    """A suspension, label or the like that no hold that stands asks for."""

    code = "no_hold_demands_it"


class HoldIsFixed(Refusal):
    """A hold keeps what it was placed with, and is released once."""

    code = "hold_is_fixed"


class InvalidTransition(Refusal):
    """A step from one state to another that does not exist."""

    code = "invalid_transition"


class KeptForGood(Refusal):
    """A row that is never deleted."""

    code = "kept_for_good"


class AlreadyHeld(Refusal):
    """The same reason already keeps this profile down."""

    code = "already_held"


_BY_SQLSTATE: dict[str, type[Refusal]] = {
    "HF002": NothingDemandsIt,
    "HF003": HoldIsFixed,
    "HF004": InvalidTransition,
    "HF005": KeptForGood,
}


@contextmanager
def database_refusals() -> Iterator[None]:
    """Turn a refusal of the database's guards into the typed one, with its text."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error) or cause.sqlstate is None:
            raise
        text = cause.diag.message_primary or ""
        if cause.sqlstate == "HF001":
            raise RestoreRefused(text=text) from error
        if cause.sqlstate in _BY_SQLSTATE:
            raise _BY_SQLSTATE[cause.sqlstate](text) from error
        raise


def _holds_stand(holds: Sequence[Hold]) -> str:
    count = len(holds)
    stands = "One hold stands" if count == 1 else f"{count} holds stand"
    names = "; ".join(hold.title for hold in holds)
    return (
        f"Restore is refused. {stands}: {names}. Each is lifted on its own ground, by two people."
    )
