"""Rule 1: a restore takes a decision of its own, of two people, after the last hold is lifted."""

import pytest

from accounts.models import User
from cases.models import Case, Decision, RestoreBasis
from cases.refusals import AlreadySettled, OwnProposal
from platforms.models import Enforcement
from platforms.refusals import RestoreRefused
from tests.cases.builders import (
    approve,
    make_designation,
    open_match_case,
    policy,
    propose,
    suspend,
)
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def free_to_restore(delisting_case: Case, moderator: User, senior: User) -> Case:
    """Delisted and released: no hold stands, the account is down, the case is open."""
    hold = delisting_case.profiles.get().holds.get()
    release = propose(
        moderator,
        delisting_case,
        Decision.Outcome.RELEASE_HOLD,
        policy=policy("delisting"),
        holds=[hold],
        ground=Decision.Ground.DELISTED,
        list_version=hold.basis.designation.current_version.list_version,
    )
    approve(senior, release)
    return delisting_case


def restore(actor: User, case: Case) -> Decision:
    return propose(actor, case, Decision.Outcome.RESTORE, policy=policy("delisting"))


def test_two_people_order_it_and_one_action_follows(
    free_to_restore: Case, moderator: User, senior: User
) -> None:
    decision = restore(moderator, free_to_restore)
    assert not Enforcement.objects.filter(action="restore").exists()

    approve(senior, decision)

    ordered = Enforcement.objects.get(action="restore")
    assert (ordered.state, ordered.cause) == ("approved", "decision")
    assert ordered.restore_basis.decision == decision
    free_to_restore.refresh_from_db()
    assert free_to_restore.state == Case.State.CLOSED


def test_whoever_proposed_it_does_not_approve_it(free_to_restore: Case, senior: User) -> None:
    with pytest.raises(OwnProposal):
        approve(senior, restore(senior, free_to_restore))


def test_the_second_click_orders_no_second_restore(
    free_to_restore: Case, moderator: User, senior: User
) -> None:
    decision = restore(moderator, free_to_restore)
    approve(senior, decision)

    with pytest.raises(AlreadySettled):
        approve(senior, decision)

    assert Enforcement.objects.filter(action="restore").count() == 1


def test_one_decision_carries_one_restore_by_sql(
    free_to_restore: Case, moderator: User, senior: User
) -> None:
    decision = restore(moderator, free_to_restore)
    approve(senior, decision)

    with refused_with("23505"):
        again = Enforcement.objects.create(
            profile=decision.profile, action="restore", reference="By hand"
        )
        RestoreBasis.objects.create(enforcement=again, decision=decision)


def test_a_restore_takes_two_in_the_database(free_to_restore: Case, moderator: User) -> None:
    with refused_with("23514"):
        run_sql(
            "INSERT INTO cases_decision (case_id, case_version, profile_id, outcome, state,"
            " needs_second, needs_second_because, legal_basis, ground, reasons, proposer_id,"
            " proposed_at) VALUES (%s, 1, %s, 'restore', 'proposed', false, '', '', '', '-', %s,"
            " now())",
            free_to_restore.pk,
            free_to_restore.profiles.get().pk,
            moderator.pk,
        )


def test_a_hold_placed_while_the_restore_waits_refuses_it_by_name(
    free_to_restore: Case, moderator: User, senior: User
) -> None:
    decision = restore(moderator, free_to_restore)
    profile = free_to_restore.profiles.get()
    suspend(senior, open_match_case(profile, make_designation("DODIK, Milorad")))

    with pytest.raises(RestoreRefused) as refusal:
        approve(senior, decision)

    assert refusal.value.holds == list(profile.holds.standing())
    assert not Enforcement.objects.filter(action="restore").exists()


def test_a_restore_that_was_not_sent_is_cancelled_by_a_new_hold(
    free_to_restore: Case, moderator: User, senior: User
) -> None:
    approve(senior, restore(moderator, free_to_restore))
    profile = free_to_restore.profiles.get()

    suspend(senior, open_match_case(profile, make_designation("DODIK, Milorad")))

    assert Enforcement.objects.get(action="restore").state == Enforcement.State.CANCELLED
    assert Enforcement.objects.filter(action="suspend", state="approved").exists()
