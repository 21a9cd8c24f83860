"""Roles: who grants, who agrees, what nobody may hold together, and how a role ends."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.utils import InternalError, OperationalError, ProgrammingError
from django.test import Client
from django.utils import timezone

from accounts import grants
from accounts.grants import (
    AlreadyDecided,
    GrantRefused,
    LastAdministrators,
    RolesForbiddenTogether,
    TakesTwoAdministrators,
)
from accounts.models import AccessReview, AuditEvent, GrantProposal, RoleGrant, User
from accounts.refusals import NotAllowed
from accounts.roles import SENSITIVE_ROLES, Role, forbidden_together
from tests.conftest import person

# What the guards raise: their own SQLSTATEs, CHECKs, and missing rights.
DatabaseRefusal = (IntegrityError, InternalError, OperationalError, ProgrammingError)


@pytest.fixture
def second_administrator(db: None) -> User:
    """Agrees to what the administrator asks for, and the other way round."""
    return person("Sanna Ahlgren", Role.ADMINISTRATOR)


@pytest.fixture
def third_administrator(db: None) -> User:
    """Lets one of the others go."""
    return person("Daria Reyes", Role.ADMINISTRATOR)


def fresh(user: User) -> User:
    """The person as the next request loads them."""
    return User.objects.get(pk=user.pk)


def test_an_ordinary_role_is_there_at_once(administrator: User, stranger: User) -> None:
    grants.propose(actor=administrator, user=stranger, role=Role.MODERATOR, reason="New here")
    assert fresh(stranger).has_perm("cases.work_case")
    grant = stranger.role_grants.get()
    assert (grant.granted_by, grant.approved_by) == (administrator, None)
    assert set(AuditEvent.objects.values_list("verb", flat=True)) == {"propose_grant", "grant_role"}


@pytest.mark.parametrize("role", sorted(SENSITIVE_ROLES))
def test_a_sensitive_role_waits_for_a_second_administrator(
    administrator: User, second_administrator: User, stranger: User, role: Role
) -> None:
    proposal = grants.propose(actor=administrator, user=stranger, role=role, reason="Needed")
    assert fresh(stranger).roles == set()
    grant = grants.approve(actor=second_administrator, proposal=proposal)
    assert fresh(stranger).roles == {role}
    assert (grant.granted_by, grant.approved_by) == (administrator, second_administrator)


def test_nobody_agrees_to_their_own_request(administrator: User, stranger: User) -> None:
    proposal = grants.propose(
        actor=administrator, user=stranger, role=Role.CUSTODIAN, reason="Needed"
    )
    with pytest.raises(TakesTwoAdministrators, match="You asked for this"):
        grants.approve(actor=administrator, proposal=proposal)


def test_the_receiver_does_not_agree_to_it(administrator: User, second_administrator: User) -> None:
    """An administrator whose own role is to be prolonged is not the second person."""
    receiver = person("Lea Marchetti")
    RoleGrant.objects.create(
        user=receiver,
        role=Role.ADMINISTRATOR,
        reason="For a month",
        ends_at=timezone.now() + timedelta(days=30),
    )
    proposal = grants.propose(
        actor=administrator, user=receiver, role=Role.ADMINISTRATOR, reason="Longer"
    )
    with pytest.raises(TakesTwoAdministrators, match="This role would be yours"):
        grants.approve(actor=fresh(receiver), proposal=proposal)


def test_nobody_grants_to_themselves(administrator: User) -> None:
    with pytest.raises(NotAllowed, match="themselves"):
        grants.propose(actor=administrator, user=administrator, role=Role.MODERATOR, reason="x")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_grant(stranger: User, role: Role) -> None:
    actor = person("Somebody", role)
    with pytest.raises(NotAllowed):
        grants.propose(actor=actor, user=stranger, role=Role.MODERATOR, reason="x")


@pytest.mark.parametrize("held", list(Role))
@pytest.mark.parametrize("wanted", list(Role))
def test_verb_and_database_forbid_the_same_combinations(
    administrator: User, second_administrator: User, held: Role, wanted: Role
) -> None:
    if held == wanted:
        return
    receiver = person("Receiver", held)
    why = forbidden_together(held, wanted)
    row = RoleGrant(user=receiver, role=wanted, reason="Around the verbs")
    if why is None:
        proposal = grants.propose(actor=administrator, user=receiver, role=wanted, reason="x")
        if proposal.state == GrantProposal.State.PENDING:
            grants.approve(actor=second_administrator, proposal=proposal)
        assert fresh(receiver).roles == {held, wanted}
    else:
        with pytest.raises(RolesForbiddenTogether, match="cannot also be"):
            grants.propose(actor=administrator, user=receiver, role=wanted, reason="x")
        with pytest.raises(DatabaseRefusal), transaction.atomic():
            row.save()


def test_a_forbidden_role_may_follow_once_the_other_has_ended(
    administrator: User, second_administrator: User, moderator: User
) -> None:
    grants.end(actor=administrator, grant=moderator.role_grants.get(), reason="Moves on")
    proposal = grants.propose(
        actor=administrator, user=moderator, role=Role.ADMINISTRATOR, reason="x"
    )
    grants.approve(actor=second_administrator, proposal=proposal)
    assert fresh(moderator).roles == {Role.ADMINISTRATOR}


def test_a_role_that_ended_is_off_at_the_next_request(
    client: Client, administrator: User, moderator: User
) -> None:
    client.force_login(moderator)
    grants.end(actor=administrator, grant=moderator.role_grants.get(), reason="Moves on")
    answer = client.get("/accounts/password/change/")
    assert answer.wsgi_request.user.is_authenticated
    assert not answer.wsgi_request.user.has_perm("cases.work_case")


def test_a_grant_with_an_end_counts_until_then(administrator: User, stranger: User) -> None:
    ends_at = timezone.now() + timedelta(days=10)
    grants.propose(
        actor=administrator, user=stranger, role=Role.MODERATOR, reason="x", ends_at=ends_at
    )
    assert fresh(stranger).roles == {Role.MODERATOR}
    with time_machine.travel(ends_at, tick=False):
        assert fresh(stranger).roles == set()


def test_an_extension_follows_without_a_gap(administrator: User, stranger: User) -> None:
    first_end = timezone.now() + timedelta(days=10)
    for ends_at in (first_end, first_end + timedelta(days=10)):
        grants.propose(
            actor=administrator, user=stranger, role=Role.MODERATOR, reason="x", ends_at=ends_at
        )
    first, second = stranger.role_grants.order_by("starts_at")
    assert first.ends_at == second.starts_at


@pytest.mark.parametrize("days", [-1, 0])
def test_an_end_in_the_past_is_refused(administrator: User, stranger: User, days: int) -> None:
    with pytest.raises(GrantRefused, match="past"):
        grants.propose(
            actor=administrator,
            user=stranger,
            role=Role.MODERATOR,
            reason="x",
            ends_at=timezone.now() + timedelta(days=days),
        )


def test_a_closed_account_receives_nothing(administrator: User, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_active=False)
    with pytest.raises(GrantRefused, match="closed"):
        grants.propose(actor=administrator, user=stranger, role=Role.MODERATOR, reason="x")
    with pytest.raises(DatabaseRefusal), transaction.atomic():
        RoleGrant.objects.create(user=stranger, role=Role.MODERATOR, reason="x")


def test_the_same_role_is_not_held_twice(administrator: User, moderator: User) -> None:
    with pytest.raises(GrantRefused, match="already holds"):
        grants.propose(actor=administrator, user=moderator, role=Role.MODERATOR, reason="x")


def test_a_refused_or_withdrawn_proposal_grants_nothing(
    administrator: User, second_administrator: User, stranger: User
) -> None:
    first = grants.propose(actor=administrator, user=stranger, role=Role.CUSTODIAN, reason="x")
    grants.refuse(actor=second_administrator, proposal=first, reason="Not now")
    second = grants.propose(actor=administrator, user=stranger, role=Role.CUSTODIAN, reason="x")
    grants.withdraw(actor=administrator, proposal=second)
    for proposal in (first, second):
        with pytest.raises(AlreadyDecided):
            grants.approve(actor=second_administrator, proposal=proposal)
    assert fresh(stranger).roles == set()


def test_who_asked_withdraws_and_nobody_else(
    administrator: User, second_administrator: User, stranger: User
) -> None:
    proposal = grants.propose(actor=administrator, user=stranger, role=Role.CUSTODIAN, reason="x")
    with pytest.raises(NotAllowed):
        grants.refuse(actor=administrator, proposal=proposal, reason="x")
    with pytest.raises(NotAllowed):
        grants.withdraw(actor=second_administrator, proposal=proposal)


def test_the_last_two_administrators_stay(
    administrator: User, second_administrator: User, third_administrator: User
) -> None:
    grants.end(actor=administrator, grant=third_administrator.role_grants.get(), reason="x")
    with pytest.raises(LastAdministrators):
        grants.end(actor=administrator, grant=second_administrator.role_grants.get(), reason="x")
    assert fresh(second_administrator).roles == {Role.ADMINISTRATOR}


def test_an_administrator_with_an_end_date_does_not_count_among_the_two(
    administrator: User, second_administrator: User
) -> None:
    third = person("Third")
    RoleGrant.objects.create(
        user=third,
        role=Role.ADMINISTRATOR,
        reason="x",
        ends_at=timezone.now() + timedelta(days=1),
    )
    with pytest.raises(LastAdministrators):
        grants.end(actor=third, grant=second_administrator.role_grants.get(), reason="x")


def test_an_administrators_account_is_not_closed_around_the_rule(
    administrator: User, second_administrator: User
) -> None:
    with pytest.raises(DatabaseRefusal), transaction.atomic():
        User.objects.filter(pk=administrator.pk).update(is_active=False)


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.AUDITOR},
        {"ends_at": None},
        {"reason": "Another"},
        {"granted_by_id": None},
        {"ends_at": timezone.now() + timedelta(days=900)},
    ],
)
def test_a_grant_is_only_ever_shortened(
    administrator: User, stranger: User, change: dict[str, object]
) -> None:
    ends_at = timezone.now() + timedelta(days=30)
    grants.propose(
        actor=administrator, user=stranger, role=Role.MODERATOR, reason="x", ends_at=ends_at
    )
    with pytest.raises(DatabaseRefusal), transaction.atomic():
        RoleGrant.objects.filter(user=stranger).update(**change)


def test_a_grant_is_never_deleted(moderator: User) -> None:
    with pytest.raises(DatabaseRefusal), transaction.atomic():
        moderator.role_grants.all().delete()


def test_the_database_asks_for_two_where_the_role_is_sensitive(
    administrator: User, moderator: User, stranger: User
) -> None:
    for granter, approver in [
        (administrator, None),
        (administrator, administrator),
        (administrator, stranger),
        (administrator, moderator),
        (moderator, administrator),
    ]:
        with pytest.raises(DatabaseRefusal), transaction.atomic():
            RoleGrant.objects.create(
                user=stranger,
                role=Role.CUSTODIAN,
                reason="x",
                granted_by=granter,
                approved_by=approver,
            )


def test_bootstrap_names_two_once_and_closes_the_door(db: None) -> None:
    out = StringIO()
    call_command("bootstrap_admins", "a@desk.example", "b@desk.example", stdout=out)
    assert out.getvalue().count("/accounts/invitations/") == 2
    assert RoleGrant.objects.in_force().filter(role=Role.ADMINISTRATOR).count() == 2
    assert AuditEvent.objects.filter(verb="bootstrap_administrator").count() == 2
    with pytest.raises(CommandError, match="before"):
        call_command("bootstrap_admins", "c@desk.example", "d@desk.example")
    with pytest.raises(DatabaseRefusal), transaction.atomic():
        RoleGrant.objects.create(
            user=person("Late"), role=Role.MODERATOR, reason="By the house itself"
        )


def test_bootstrap_needs_two_people(moderator: User, stranger: User) -> None:
    with pytest.raises(CommandError, match="two different"):
        call_command("bootstrap_admins", stranger.email, stranger.email)


def test_a_grant_is_due_for_review_after_ninety_days(administrator: User, stranger: User) -> None:
    grants.propose(actor=administrator, user=stranger, role=Role.MODERATOR, reason="x")
    grant = stranger.role_grants.get()
    later = timezone.now() + timedelta(days=91)
    assert grant not in RoleGrant.objects.due_for_review()
    assert grant in RoleGrant.objects.due_for_review(later)
    with time_machine.travel(later, tick=False):
        grants.review(
            actor=administrator, grant=grant, outcome=AccessReview.Outcome.KEEP, reason="Works"
        )
        assert grant not in RoleGrant.objects.due_for_review()
    assert grant in RoleGrant.objects.due_for_review(later + timedelta(days=91))


def test_a_review_that_says_end_ends_the_role(administrator: User, moderator: User) -> None:
    grants.review(
        actor=administrator,
        grant=moderator.role_grants.get(),
        outcome=AccessReview.Outcome.END,
        reason="Left the team",
    )
    assert fresh(moderator).roles == set()


def test_nobody_reviews_their_own_roles(administrator: User) -> None:
    with pytest.raises(NotAllowed):
        grants.review(
            actor=administrator,
            grant=administrator.role_grants.get(),
            outcome=AccessReview.Outcome.KEEP,
            reason="I am needed",
        )
