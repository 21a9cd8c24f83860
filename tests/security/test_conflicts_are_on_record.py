"""What the state of things forbids is said with 409, stands in the record and changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEvent
from accounts.roles import Role
from cases.models import Case
from platforms import outbound
from platforms.models import Incident, OutboundPause
from tests.cases.builders import approve
from tests.security.matrix import ROWS
from tests.security.walking import prepare, send
from tests.security.world import Kind, World
from tests.security.writes import writes_without_an_event

Change = Callable[[World, dict[str, Any]], None]


def held_by_another(world: World, body: dict[str, Any]) -> None:
    Case.objects.filter(pk=world.cases[Kind.OPEN].pk).update(
        lease_holder=world.reviewer, lease_ends_at=timezone.now() + timedelta(minutes=5)
    )


def held_by_nobody(world: World, body: dict[str, Any]) -> None:
    Case.objects.update(lease_holder=None, lease_ends_at=None)


def an_old_page(world: World, body: dict[str, Any]) -> None:
    Case.objects.update(version=F("version") + 1)


def answered_before(world: World, body: dict[str, Any]) -> None:
    for proposal in (world.proposals[Kind.OPEN], world.own_proposals[Role.MODERATOR]):
        proposal.refresh_from_db()
        approve(world.cast[Role.SENIOR_REVIEWER], proposal)


def nothing_said(world: World, body: dict[str, Any]) -> None:
    for name in ("text", "cause", "reason"):
        if name in body:
            body[name] = " "


def still_open(world: World, body: dict[str, Any]) -> None:
    Incident.objects.update(state=Incident.State.OPEN, contained_at=None)


def paused_already(world: World, body: dict[str, Any]) -> None:
    outbound.pause_outbound(actor=world.reviewer, platform=None, reason="An outage")


def resumed_already(world: World, body: dict[str, Any]) -> None:
    for pause in OutboundPause.objects.in_force():
        if pause.resume_asked_by is None:
            outbound.ask_to_resume(actor=world.administrator, pause=pause)
        outbound.resume_outbound(actor=world.reviewer, pause=pause)


def nobody_asked(world: World, body: dict[str, Any]) -> None:
    OutboundPause.objects.update(resume_asked_by=None)


# The address, who asks, what is in the way, and the rule that is named.
CONFLICTS: list[tuple[str, Role, Change, str]] = [
    ("cases:take_lease", Role.MODERATOR, held_by_another, "lease_held"),
    ("cases:release_lease", Role.MODERATOR, held_by_another, "lease_missing"),
    ("cases:propose_decision", Role.MODERATOR, held_by_another, "lease_held"),
    ("cases:propose_decision", Role.MODERATOR, held_by_nobody, "lease_missing"),
    ("cases:propose_decision", Role.MODERATOR, an_old_page, "stale_page"),
    ("cases:answer_decision", Role.LEGAL_COUNSEL, an_old_page, "stale_page"),
    ("cases:answer_decision", Role.LEGAL_COUNSEL, answered_before, "already_settled"),
    ("cases:withdraw_decision", Role.MODERATOR, an_old_page, "stale_page"),
    ("cases:withdraw_decision", Role.MODERATOR, answered_before, "already_settled"),
    ("cases:ask_for_review", Role.MODERATOR, nothing_said, "nothing_to_review"),
    ("cases:add_note", Role.MODERATOR, nothing_said, "refused"),
    ("cases:close_incident", Role.SENIOR_REVIEWER, nothing_said, "refused"),
    ("cases:close_incident", Role.SENIOR_REVIEWER, still_open, "invalid_transition"),
    ("cases:pause", Role.ADMINISTRATOR, nothing_said, "refused"),
    ("cases:pause", Role.ADMINISTRATOR, paused_already, "already_paused"),
    ("cases:ask_to_resume", Role.ADMINISTRATOR, resumed_already, "not_paused"),
    ("cases:resume", Role.SENIOR_REVIEWER, nobody_asked, "second_person_needed"),
    ("api:case-take-lease", Role.MODERATOR, held_by_another, "lease_held"),
    ("api:case-propose", Role.MODERATOR, an_old_page, "stale_page"),
    ("api:case-propose", Role.MODERATOR, held_by_nobody, "lease_missing"),
    ("api:decision-answer", Role.LEGAL_COUNSEL, an_old_page, "stale_page"),
    ("api:decision-answer", Role.LEGAL_COUNSEL, answered_before, "already_settled"),
    ("api:decision-withdraw", Role.MODERATOR, an_old_page, "stale_page"),
    ("api:decision-withdraw", Role.MODERATOR, answered_before, "already_settled"),
]


@pytest.mark.parametrize(("name", "role", "in_the_way", "rule"), CONFLICTS)
def test_a_conflict_is_said_and_recorded(
    world: World, name: str, role: Role, in_the_way: Change, rule: str
) -> None:
    row = next(row for row in ROWS if row.name == name and row.method == "POST")
    address, body = prepare(world, row, role)
    in_the_way(world, body)
    last = AuditEvent.objects.latest("pk").pk
    with CaptureQueriesContext(connection) as captured:
        answer = send(world.browser(role), "POST", address, body)
    assert answer.status_code == 409
    event = AuditEvent.objects.get(pk__gt=last)
    assert (event.verb, event.actor_user) == ("refused", world.cast[role])
    assert event.changes == {"rule": rule, "address": name}
    assert writes_without_an_event(query["sql"] for query in captured) == []
