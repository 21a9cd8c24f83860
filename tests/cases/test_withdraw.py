"""A proposal is taken back by whoever made it, once, before anybody answered."""

import pytest

from accounts.models import User
from accounts.refusals import NotAllowed
from cases import decisions
from cases.models import Approval, Case, Decision
from cases.refusals import AlreadySettled, StalePage
from tests.cases.builders import approve, make_profile, open_match_case, suspend
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(moderator: User) -> Decision:
    return suspend(moderator, open_match_case(make_profile(reach=2_000_000)))


def test_the_case_is_open_again(waiting: Decision, moderator: User) -> None:
    decisions.withdraw(actor=moderator, decision=waiting, reason="A typing error")

    waiting.refresh_from_db()
    assert waiting.state == Decision.State.WITHDRAWN
    waiting.case.refresh_from_db()
    assert waiting.case.state == Case.State.OPEN


def test_nobody_else_withdraws_it(waiting: Decision, senior: User) -> None:
    with pytest.raises(NotAllowed):
        decisions.withdraw(actor=senior, decision=waiting)


def test_the_second_click_is_told(waiting: Decision, moderator: User, senior: User) -> None:
    decisions.withdraw(actor=moderator, decision=waiting)

    with pytest.raises(AlreadySettled):
        decisions.withdraw(actor=moderator, decision=waiting)
    with pytest.raises(AlreadySettled):
        approve(senior, waiting)
    assert not Approval.objects.exists()


def test_an_old_page_withdraws_nothing(waiting: Decision, moderator: User) -> None:
    with pytest.raises(StalePage):
        decisions.withdraw(actor=moderator, decision=waiting, expected_version=waiting.case_version)


def test_what_was_answered_is_not_withdrawn(
    waiting: Decision, moderator: User, senior: User
) -> None:
    approve(senior, waiting)

    with pytest.raises(AlreadySettled):
        decisions.withdraw(actor=moderator, decision=waiting)


def test_a_withdrawn_proposal_takes_no_approval_by_sql(
    waiting: Decision, moderator: User, senior: User
) -> None:
    decisions.withdraw(actor=moderator, decision=waiting)

    with refused_with("HF007"):
        run_sql(
            "INSERT INTO cases_approval (decision_id, proposer_id, approver_id, is_approved,"
            " reason, at) VALUES (%s, %s, %s, true, '', now())",
            waiting.pk,
            moderator.pk,
            senior.pk,
        )
    with refused_with("HF007"):
        run_sql("UPDATE cases_decision SET state = 'proposed' WHERE id = %s", waiting.pk)
