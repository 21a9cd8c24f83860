"""The record as a reader meets it: one row of words for each audit event."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import AuditEvent
from cases.models import Case, Decision
from platforms.models import Enforcement, Incident
from sanctions.models import Match


@dataclass(frozen=True)
class TimelineRow:
    at: datetime
    family: str
    mark: str
    what: str
    by: str
    quote: str


# Verb: family, mark, words. In braces: what the event changed, in words of its own.
WORDS: dict[str, tuple[str, str, str]] = {
    "case.opened": ("", "doc", "Case opened"),
    "case.match_joined": ("wait", "match", "A new match joined the case"),
    "case.leased": ("", "clock", "Lease taken"),
    "case.given_back": ("", "later", "Given back to the queue"),
    "case.lease_released": ("", "later", "Lease given back"),
    "case.restricted": ("seal", "seal", "Restricted: only people with a grant open it"),
    "case.restriction_lifted": ("", "seal", "Restriction lifted"),
    "case.access_granted": ("", "two", "Access granted"),
    "case.access_ended": ("", "no", "A grant of access ended"),
    "case.keeper_named": ("", "two", "An administrator named who says who opens it"),
    "case.recused": ("", "leave", "Stepped away: a conflict of interest"),
    "case.recusal_ended": ("", "two", "Recusal ended"),
    "case.noted": ("", "note", "Note added"),
    "case.moved": ("", "arrow", "Case moved to “{state}”"),
    "case.decided": ("clear", "clear", "Case closed: {outcome}"),
    "case.sibling_decided": ("wait", "doc", "Another case about this account was decided"),
    "case.holds_moved": ("wait", "held", "The holds on this account changed"),
    "decision.proposed": ("wait", "two", "Proposed: {outcome}. A second person answers"),
    "decision.approved": ("clear", "check", "{approved}: {outcome}"),
    "decision.rejected": ("wait", "no", "Sent back: {outcome}"),
    "decision.withdrawn": ("", "no", "Proposal withdrawn: {outcome}"),
    "hold.placed": ("held", "held", "Hold placed: {name}"),
    "hold.released": ("clear", "delisted", "Hold released: {name}"),
    "enforcement.approved": ("wait", "arrow", "{action}: approved, to be sent"),
    "enforcement.sending": ("wait", "arrow", "{action}: being sent"),
    "enforcement.confirmed": ("held", "check", "{action}: read back as done"),
    "enforcement.failed": ("fault", "fault", "{action}: failed, will be tried again"),
    "enforcement.unknown": ("wait", "wait", "{action}: no answer yet"),
    "enforcement.cancelled": ("", "no", "{action}: cancelled"),
    "evidence.viewed": ("", "doc", "Evidence viewed: {name}"),
    "incident.opened": ("fault", "drift", "Incident opened: {kind}"),
    "incident.needs_people": ("fault", "two", "Standing approval is used up: people decide"),
    "incident.contained": ("held", "held", "Down again, as its holds demand"),
    "incident.closed": ("clear", "clear", "Incident closed with its cause"),
    "match.found": ("wait", "match", "Match found"),
    "match.adjudicated": ("", "match", "Match settled: {adjudication}"),
    "refused": ("held", "held", "Refused: {rule}"),
}
RULES = {
    "holds_stand": "restore while a hold stands",
    "stale_page": "the page was out of date",
    "lease_held": "another reviewer holds the case",
    "lease_missing": "no lease",
    "already_settled": "answered before",
    "own_proposal": "own proposal",
    "access_refused": "access as it was asked for",
    "not_allowed": "not part of the role",
    "outcome_not_permitted": "the outcome is not permitted",
    "invalid_transition": "no such step now",
}
_CHOICES: dict[str, Mapping[str, str]] = {
    "outcome": dict(Decision.Outcome.choices),
    "state": dict(Case.State.choices),
    "action": dict(Enforcement.Action.choices),
    "kind": dict(Incident.Kind.choices),
    "adjudication": dict(Match.Adjudication.choices),
    "rule": RULES,
}


def rows(events: Iterable[AuditEvent], names: Mapping[str, str] | None = None) -> list[TimelineRow]:
    """Put events into words, in the order given.

    `names` says what a reference such as `hold:4` is called; others keep their number.
    """
    return [_row(event, names or {}) for event in events]


def _row(event: AuditEvent, names: Mapping[str, str]) -> TimelineRow:
    family, mark, words = WORDS.get(event.verb, ("", "doc", event.verb.replace(".", " ")))
    name = names.get(f"{event.object_type}:{event.object_id}", f"number {event.object_id}")
    defaults = {
        "name": name,
        "action": "Action on the platform",
        "approved": "Approved" if event.changes.get("needs_second") else "Decided",
        "state": "another state",
    }
    return TimelineRow(
        at=event.at,
        family=family,
        mark=mark,
        what=words.format_map(defaultdict(str, defaults | _in_words(event.changes))),
        by=event.actor_name[:1].upper() + event.actor_name[1:],
        quote=event.reason,
    )


def _in_words(changes: Mapping[str, Any]) -> dict[str, str]:
    """What an event changed, in words: a pair of states by the later one."""
    words = {}
    for field, value in changes.items():
        latest = value[-1] if isinstance(value, list) and value else value
        words[field] = _CHOICES.get(field, {}).get(str(latest), str(latest))
    return words
