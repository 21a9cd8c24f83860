"""Rules 4 and 5: what takes two people takes two different ones, in the verb and by SQL."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import RoleGrant, User
from accounts.refusals import NotAllowed
from cases import decisions
from cases.models import Approval, Case, Decision, HoldBasis, Recusal
from cases.refusals import InvalidCaseStep, OutcomeNotPermitted, OwnProposal
from platforms.models import Enforcement, Hold
from tests.cases.builders import (
    approve,
    held_profile,
    make_platform,
    make_profile,
    open_match_case,
    policy,
    propose,
    suspend,
)
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db

CHECK_VIOLATION = "23514"
FOREIGN_KEY_VIOLATION = "23503"

INSERT_APPROVAL = """
    INSERT INTO cases_approval (decision_id, proposer_id, approver_id, is_approved, reason, at)
    VALUES (%s, %s, %s, true, '', now())
"""


@pytest.fixture
def known_case(db: None) -> Case:
    """A match case about a profile of high reach."""
    return open_match_case(make_profile(reach=3_200_000))


def test_a_high_reach_suspension_waits_for_a_second_person(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)

    assert decision.state == Decision.State.PROPOSED
    assert not Hold.objects.exists()
    assert not Enforcement.objects.exists()

    approve(senior, decision)

    assert Hold.objects.standing().count() == 1
    assert Enforcement.objects.get().action == Enforcement.Action.SUSPEND


def test_a_suspension_of_modest_reach_takes_one(moderator: User) -> None:
    assert held_profile(moderator).holds.standing().count() == 1


def test_reach_at_the_threshold_is_high(moderator: User) -> None:
    platform = make_platform(high_reach_threshold=5_000)
    at = open_match_case(make_profile(platform, reach=5_000))
    below = open_match_case(make_profile(platform, reach=4_999))

    assert suspend(moderator, at).needs_second
    assert not suspend(moderator, below).needs_second


def test_a_proposer_who_may_approve_does_not_approve_their_own(
    known_case: Case, senior: User
) -> None:
    decision = suspend(senior, known_case)

    with pytest.raises(OwnProposal):
        approve(senior, decision)

    decision.refresh_from_db()
    assert decision.state == Decision.State.PROPOSED
    assert not Approval.objects.exists()


def test_the_database_compares_the_two_people(known_case: Case, senior: User) -> None:
    decision = suspend(senior, known_case)

    with refused_with(CHECK_VIOLATION):
        run_sql(INSERT_APPROVAL, decision.pk, senior.pk, senior.pk)


def test_the_database_knows_who_proposed(
    known_case: Case, senior: User, other_moderator: User
) -> None:
    """Whoever writes another proposer into the approval to get past the comparison."""
    decision = suspend(senior, known_case)

    with refused_with(FOREIGN_KEY_VIOLATION):
        run_sql(INSERT_APPROVAL, decision.pk, other_moderator.pk, senior.pk)


def test_the_database_takes_no_approval_as_given(known_case: Case, moderator: User) -> None:
    decision = suspend(moderator, known_case)

    with refused_with("HF006"):
        run_sql("UPDATE cases_decision SET state = 'approved' WHERE id = %s", decision.pk)


def test_the_database_takes_no_refusal_for_an_approval(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)
    run_sql(
        "INSERT INTO cases_approval (decision_id, proposer_id, approver_id, is_approved, reason,"
        " at) VALUES (%s, %s, %s, false, 'Not them.', now())",
        decision.pk,
        moderator.pk,
        senior.pk,
    )

    with refused_with("HF006"):
        run_sql("UPDATE cases_decision SET state = 'approved' WHERE id = %s", decision.pk)


def test_a_decision_is_not_written_as_settled(known_case: Case, moderator: User) -> None:
    with refused_with("HF007"):
        Decision.objects.create(
            case=known_case,
            case_version=1,
            profile=known_case.profiles.get(),
            outcome=Decision.Outcome.SUSPEND,
            state=Decision.State.APPROVED,
            needs_second=False,
            reasons="By hand.",
            proposer=moderator,
        )


def test_the_database_counts_reach_itself(known_case: Case, moderator: User) -> None:
    """A high-reach suspension that says of itself that one person is enough."""
    profile = known_case.profiles.get()
    designation = known_case.designations.get()
    decision = Decision.objects.create(
        case=known_case,
        case_version=1,
        profile=profile,
        outcome=Decision.Outcome.SUSPEND,
        needs_second=False,
        reasons="By hand.",
        proposer=moderator,
    )
    decision.designations.add(designation)
    Decision.objects.filter(pk=decision.pk).update(state=Decision.State.APPROVED)

    with refused_with("HF006", saying="taken down by two people"):
        hold = Hold.objects.create(
            profile=profile,
            kind=Hold.Kind.DESIGNATION,
            source=designation.source.slug,
            entry_key=designation.entry_key,
            title="By hand",
            placed_by=moderator,
        )
        HoldBasis.objects.create(hold=hold, designation=designation, placed_by_decision=decision)


def test_a_moderator_does_not_approve(
    known_case: Case, moderator: User, other_moderator: User
) -> None:
    decision = suspend(moderator, known_case)

    with pytest.raises(NotAllowed):
        approve(other_moderator, decision)


def test_whose_role_has_ended_does_not_approve(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)
    RoleGrant.objects.filter(user=senior).update(ends_at=F("starts_at") + timedelta(microseconds=1))

    with pytest.raises(NotAllowed):
        approve(User.objects.get(pk=senior.pk), decision)


def test_who_was_deactivated_does_not_approve(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)
    User.objects.filter(pk=senior.pk).update(is_active=False)

    with pytest.raises(NotAllowed):
        approve(User.objects.get(pk=senior.pk), decision)


def test_who_stepped_away_neither_proposes_nor_approves(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)
    for person in (moderator, senior):
        Recusal.objects.create(case=known_case, user=person, reason="A relative")

    with pytest.raises(NotAllowed):
        approve(senior, decision)
    with pytest.raises(NotAllowed):
        decisions.withdraw(actor=moderator, decision=decision)
    with pytest.raises(NotAllowed):
        propose(moderator, known_case, Decision.Outcome.NEED_MORE)


def test_a_no_takes_its_reason_and_reopens_the_case(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)
    known_case.refresh_from_db()

    def refuse(reason: str) -> None:
        decisions.answer(
            actor=senior,
            decision=decision,
            is_approved=False,
            reason=reason,
            expected_version=known_case.version,
        )

    with pytest.raises(OutcomeNotPermitted):
        refuse("  ")
    refuse("The birth dates differ.")

    decision.refresh_from_db()
    known_case.refresh_from_db()
    assert decision.state == Decision.State.REJECTED
    assert known_case.state == Case.State.OPEN
    assert not Hold.objects.exists()


def test_a_second_proposal_waits_for_the_first(
    known_case: Case, moderator: User, other_moderator: User
) -> None:
    suspend(moderator, known_case)

    with pytest.raises(InvalidCaseStep):
        propose(other_moderator, known_case, Decision.Outcome.NO_ACTION, policy=None)

    known_case.refresh_from_db()
    assert known_case.state == Case.State.PROPOSED


def test_a_policy_that_ended_is_not_approved_any_more(
    known_case: Case, moderator: User, senior: User
) -> None:
    decision = suspend(moderator, known_case)
    quoted = policy()
    quoted.ends_on = quoted.starts_on
    quoted.save(update_fields=["ends_on"])

    with pytest.raises(OutcomeNotPermitted):
        approve(senior, decision)
