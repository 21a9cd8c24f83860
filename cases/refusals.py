"""Refusals of the desk. Each text says what happened and what helps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed, Refusal


class StalePage(Refusal):
    """The case moved on since the page was read. What was typed is kept by the page.

    `changes` are the events that moved it, oldest first.
    """

    code = "stale_page"

    def __init__(self, *, seen: int, current: int, changes: Sequence[AuditEvent]) -> None:
        self.seen = seen
        self.current = current
        self.changes = list(changes)
        super().__init__(
            "This case changed while you had it open. Read what changed, then send again."
        )

    def facts(self) -> dict[str, Any]:
        return {
            "based_on": self.seen,
            "version": self.current,
            "changes": [
                {
                    "at": event.at.isoformat(),
                    "by": event.actor_name,
                    "verb": event.verb,
                    "reason": event.reason,
                    "version": event.changes["case_version"],
                }
                for event in self.changes
            ],
        }


class LeaseHeld(Refusal):
    """Another reviewer holds the case."""

    code = "lease_held"

    def __init__(self, *, holder: User, ends_at: datetime) -> None:
        self.holder = holder
        self.ends_at = ends_at
        super().__init__(f"{holder.name} holds this case until {ends_at:%H:%M} UTC.")

    def facts(self) -> dict[str, Any]:
        return {"holder": self.holder.name, "ends_at": self.ends_at.isoformat()}


class LeaseMissing(Refusal):
    """A write that takes a lease, by somebody who holds none."""

    code = "lease_missing"

    def __init__(self) -> None:
        super().__init__("You hold no lease on this case, or it ran out. Take it again first.")


class InvalidCaseStep(Refusal):
    """A step that a case in this state does not have."""

    code = "invalid_transition"


class AlreadySettled(Refusal):
    """A decision that was answered before."""

    code = "already_settled"


class OwnProposal(NotAllowed):
    """Nobody answers their own proposal."""

    code = "own_proposal"

    def __init__(self) -> None:
        super().__init__("You proposed this. A second person has to answer it.")


class OutcomeNotPermitted(Refusal):
    """The policy does not permit this outcome, or nothing in the case supports it."""

    code = "outcome_not_permitted"


class AccessRefused(Refusal):
    """A grant, an end or a recusal that would be empty, doubled, or leave a case to nobody."""

    code = "access_refused"


class ReportLinkRefused(Refusal):
    """An account or a case that a report cannot be linked to, or not any more."""

    code = "report_link_refused"
