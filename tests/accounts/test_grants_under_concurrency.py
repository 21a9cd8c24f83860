"""What two administrators on two connections cannot bring about between them."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import grants
from accounts.grants import TakesTwoAdministrators
from accounts.models import GrantProposal, RoleGrant, User
from accounts.refusals import Refusal
from accounts.roles import Role
from tests.conftest import person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def at_once(*acts: Callable[[], object]) -> list[Refusal | None]:
    """Run the acts on a connection each, started together, and return what was refused."""
    start = threading.Barrier(len(acts))
    refused: list[Refusal | None] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
        except Refusal as refusal:
            refused[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


def administrators(count: int) -> list[User]:
    return [person(f"Administrator {n}", Role.ADMINISTRATOR) for n in range(count)]


def test_two_administrators_cannot_remove_each_other() -> None:
    one, other, _third = administrators(3)
    refused = at_once(
        lambda: grants.end(actor=one, grant=other.role_grants.get(), reason="x"),
        lambda: grants.end(actor=other, grant=one.role_grants.get(), reason="x"),
    )
    assert len([refusal for refusal in refused if refusal]) == 1
    assert RoleGrant.objects.in_force().filter(role=Role.ADMINISTRATOR).count() == 2


def test_two_administrators_cannot_agree_to_each_others_own_grants() -> None:
    """Each asks for the other, and each agrees to what would be their own."""
    one, other = administrators(2)
    newcomers = [person("First"), person("Second")]
    for newcomer in newcomers:
        RoleGrant.objects.create(user=newcomer, role=Role.ADMINISTRATOR, reason="x")
    first, second = newcomers
    for newcomer in newcomers:
        grants.end(actor=one, grant=newcomer.role_grants.get(), reason="x")
    for_first = grants.propose(actor=one, user=first, role=Role.ADMINISTRATOR, reason="x")
    for_second = grants.propose(actor=other, user=second, role=Role.ADMINISTRATOR, reason="x")
    refused = at_once(
        lambda: grants.approve(actor=one, proposal=for_first),
        lambda: grants.approve(actor=other, proposal=for_second),
    )
    assert all(refused)
    assert not RoleGrant.objects.in_force().filter(user__in=newcomers).exists()
    refused = at_once(
        lambda: grants.approve(actor=other, proposal=for_first),
        lambda: grants.approve(actor=one, proposal=for_second),
    )
    assert not any(refused)
    for grant in RoleGrant.objects.in_force().filter(user__in=newcomers):
        assert len({grant.user_id, grant.granted_by_id, grant.approved_by_id}) == 3


def test_two_administrators_do_not_prolong_each_other() -> None:
    """Each asked for the other's own role. Whatever either agrees to at once, nothing passes."""
    administrators(2)
    one, other = person("One"), person("Other")
    soon = timezone.now() + timedelta(days=1)
    for leaver in (one, other):
        RoleGrant.objects.create(user=leaver, role=Role.ADMINISTRATOR, reason="x", ends_at=soon)
    for_other = grants.propose(actor=one, user=other, role=Role.ADMINISTRATOR, reason="x")
    for_one = grants.propose(actor=other, user=one, role=Role.ADMINISTRATOR, reason="x")
    refused = at_once(
        lambda: grants.approve(actor=one, proposal=for_one),
        lambda: grants.approve(actor=other, proposal=for_other),
        lambda: grants.approve(actor=one, proposal=for_other),
        lambda: grants.approve(actor=other, proposal=for_one),
    )
    assert [type(refusal) for refusal in refused] == [TakesTwoAdministrators] * 4
    assert not RoleGrant.objects.filter(user__in=(one, other), ends_at__isnull=True).exists()


def test_an_administrator_who_is_being_removed_does_not_agree_any_more() -> None:
    one, other, third = administrators(3)
    proposal = grants.propose(actor=one, user=person("New"), role=Role.CUSTODIAN, reason="x")
    other.desk_permissions  # noqa: B018  a request that has already asked what it may do
    grants.end(actor=third, grant=other.role_grants.get(), reason="x")
    with pytest.raises(Refusal):
        grants.approve(actor=other, proposal=proposal)


@pytest.mark.parametrize(
    ("one_role", "other_role"),
    [(Role.CUSTODIAN, Role.INTAKE_COORDINATOR), (Role.MODERATOR, Role.ADMINISTRATOR)],
)
def test_two_roles_that_do_not_go_together_cannot_both_pass(
    one_role: Role, other_role: Role
) -> None:
    one, other, third = administrators(3)
    receiver = person("Receiver")

    def give(role: Role, asks: User) -> None:
        proposal = grants.propose(actor=asks, user=receiver, role=role, reason="x")
        if proposal.state == GrantProposal.State.PENDING:
            grants.approve(actor=third, proposal=proposal)

    refused = at_once(lambda: give(one_role, one), lambda: give(other_role, other))
    assert len([refusal for refusal in refused if refusal]) == 1
    assert receiver.role_grants.count() == 1


def test_one_proposal_is_agreed_to_once() -> None:
    one, other, third = administrators(3)
    proposal = grants.propose(actor=one, user=person("New"), role=Role.CUSTODIAN, reason="x")
    refused = at_once(
        lambda: grants.approve(actor=other, proposal=proposal),
        lambda: grants.approve(actor=third, proposal=proposal),
    )
    assert len([refusal for refusal in refused if refusal]) == 1
    assert RoleGrant.objects.filter(role=Role.CUSTODIAN).count() == 1
