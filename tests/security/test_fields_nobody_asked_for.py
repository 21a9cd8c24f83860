"""Mass assignment: a field that a form or the API does not have changes nothing."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Invitation, User
from accounts.roles import Role
from cases.models import Case, Decision, Note
from tests.security.matrix import ROWS, Row
from tests.security.walking import prepare, send, who_passes
from tests.security.world import Kind, World

TAKING_A_BODY = [
    row for row in ROWS if row.is_api and row.body and row.name != "api:no_such_address"
]
# What these bodies write, and who or what it belongs to: never the sender's to choose.
FORBIDDEN: dict[str, Any] = {
    "id": 1,
    "state": "approved",
    "proposer": 1,
    "approver": 1,
    "author": 1,
    "needs_second": False,
    "is_superuser": True,
    "anything": "else",
}


@pytest.mark.parametrize("name", FORBIDDEN)
@pytest.mark.parametrize("row", TAKING_A_BODY, ids=str)
def test_the_api_refuses_a_name_it_does_not_know(world: World, row: Row, name: str) -> None:
    who = who_passes(world, row)
    address, body = prepare(world, row, who)
    answer = send(world.browser(who), row.method, address, {**body, name: FORBIDDEN[name]})
    assert answer.status_code == 400
    problem = answer.json()  # type: ignore[attr-defined]  # the test client adds it
    assert problem["errors"] == {name: ["There is no such field."]}


def row_of(name: str) -> Row:
    return next(row for row in ROWS if row.name == name and row.method == "POST")


def test_a_proposal_belongs_to_who_sent_it_and_waits_as_long_as_it_must(world: World) -> None:
    row = row_of("cases:propose_decision")
    address, body = prepare(world, row, Role.MODERATOR)
    forged = {"proposer": world.reviewer.pk, "state": "approved", "case": 1, "needs_second": ""}
    send(world.browser(Role.MODERATOR), "POST", address, {**body, **forged})
    decision = Decision.objects.latest("pk")
    assert decision.proposer == world.cast[Role.MODERATOR]
    assert decision.case == world.cases[Kind.OPEN]
    assert not hasattr(decision, "approval")


def test_a_note_is_by_who_wrote_it(world: World) -> None:
    address, body = prepare(world, row_of("cases:add_note"), Role.MODERATOR)
    forged = {"author": world.reviewer.pk, "case": world.cases[Kind.RESTRICTED].pk}
    send(world.browser(Role.MODERATOR), "POST", address, {**body, **forged})
    note = Note.objects.latest("pk")
    assert (note.author, note.case) == (world.cast[Role.MODERATOR], world.cases[Kind.OPEN])


def test_a_lease_is_for_who_takes_it(world: World) -> None:
    address, _ = prepare(world, row_of("cases:take_lease"), Role.MODERATOR)
    forged = {"lease_holder": world.reviewer.pk, "lease_ends_at": "2099-01-01", "version": 99}
    send(world.browser(Role.MODERATOR), "POST", address, forged)
    case = Case.objects.get(pk=world.cases[Kind.OPEN].pk)
    assert case.lease_holder == world.cast[Role.MODERATOR]
    assert case.lease_ends_at is not None
    assert case.lease_ends_at.year < 2099
    assert case.version == world.cases[Kind.OPEN].version


def test_an_invitation_gives_an_account_and_nothing_more(world: World) -> None:
    row = row_of("accounts:accept_invitation")
    address, body = prepare(world, row, None)
    forged = {"email": "another@desk.example", "is_superuser": "on", "role": Role.ADMINISTRATOR}
    send(world.browser(None), "POST", address, {**body, **forged})
    newcomer = User.objects.get(email="new@desk.example")
    assert not newcomer.is_superuser
    assert not newcomer.role_grants.exists()
    assert not User.objects.filter(email="another@desk.example").exists()


def test_an_invitation_is_from_who_sent_it(world: World) -> None:
    fields = {"name": "Somebody", "email": "somebody@desk.example"}
    forged = {"invited_by": world.administrator.pk, "expires_at": "2099-01-01"}
    client = world.browser(Role.ADMINISTRATOR)
    client.post(reverse("accounts:people"), {**fields, **forged})
    invitation = Invitation.objects.latest("pk")
    assert invitation.invited_by == world.cast[Role.ADMINISTRATOR]
    assert invitation.expires_at.year < 2099
