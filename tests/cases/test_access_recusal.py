"""Step away from a case because of a conflict of interest, and come back only by somebody else."""

import pytest

from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from cases import access, leases
from cases.models import Case, CaseUserAccess, Recusal
from cases.refusals import AccessRefused
from tests.cases.builders import open_match_case
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db


def sees(user: User, case: Case) -> bool:
    again = User.objects.get(pk=user.pk)
    return Case.objects.visible_to(again).filter(pk=case.pk).exists()


@pytest.fixture
def case(db: None) -> Case:
    return open_match_case()


@pytest.fixture
def recusal(case: Case, moderator: User) -> Recusal:
    return access.recuse(actor=moderator, case=case, reason="A cousin")


def test_it_closes_the_case_to_who_steps_away_and_to_nobody_else(
    recusal: Recusal, case: Case, moderator: User, other_moderator: User
) -> None:
    assert not sees(moderator, case)
    assert sees(other_moderator, case)


def test_it_outweighs_a_grant(case: Case, moderator: User, senior: User) -> None:
    access.restrict(actor=senior, case=case, reason="A public figure")
    access.grant_access(actor=senior, case=case, to=moderator, reason="Knows it")
    access.recuse(actor=moderator, case=case, reason="A cousin")

    assert not sees(moderator, case)


def test_it_gives_the_lease_and_the_case_back(case: Case, moderator: User) -> None:
    leases.take_lease(actor=moderator, case=case)
    access.recuse(actor=moderator, case=case, reason="A cousin")

    case.refresh_from_db()
    assert (case.lease_holder, case.lease_ends_at, case.assignee) == (None, None, None)


def test_it_leaves_the_lease_of_somebody_else_alone(
    case: Case, moderator: User, other_moderator: User
) -> None:
    leases.take_lease(actor=other_moderator, case=case)
    access.recuse(actor=moderator, case=case, reason="A cousin")

    case.refresh_from_db()
    assert case.lease_holder == other_moderator


def test_the_record_has_the_act_and_not_the_reason(recusal: Recusal) -> None:
    event = AuditEvent.objects.get(verb="case.recused")
    assert (event.changes, event.reason) == ({"recusal": recusal.pk}, "")


def test_it_takes_a_reason(case: Case, moderator: User) -> None:
    with pytest.raises(AccessRefused, match="reason"):
        access.recuse(actor=moderator, case=case, reason=" ")


def test_the_last_who_can_let_others_in_lets_another_in_first(
    case: Case, senior: User, counsel: User
) -> None:
    access.restrict(actor=senior, case=case, reason="A public figure")
    with pytest.raises(AccessRefused, match="Nobody would be left"):
        access.recuse(actor=senior, case=case, reason="A cousin")

    access.grant_access(actor=senior, case=case, to=counsel, reason="Takes over")
    access.recuse(actor=senior, case=case, reason="A cousin")
    assert not sees(senior, case)


def test_a_senior_lets_the_person_back_in(
    recusal: Recusal, case: Case, moderator: User, senior: User
) -> None:
    access.end_recusal(actor=senior, recusal=recusal, reason="It was another person")

    assert sees(moderator, case)
    assert AuditEvent.objects.get(verb="case.recusal_ended").reason == "It was another person"


def test_who_was_let_back_may_step_away_again(
    recusal: Recusal, case: Case, moderator: User, senior: User
) -> None:
    access.end_recusal(actor=senior, recusal=recusal, reason="It was another person")
    access.recuse(actor=moderator, case=case, reason="It was not")

    assert not sees(moderator, case)


def test_a_moderator_ends_none(recusal: Recusal, other_moderator: User) -> None:
    with pytest.raises(NotAllowed):
        access.end_recusal(actor=other_moderator, recusal=recusal, reason="It is over")


def test_nobody_ends_their_own(case: Case, senior: User) -> None:
    own = access.recuse(actor=senior, case=case, reason="A cousin")
    with pytest.raises(NotAllowed):
        access.end_recusal(actor=senior, recusal=own, reason="It is over")


def test_it_ends_once(recusal: Recusal, senior: User) -> None:
    access.end_recusal(actor=senior, recusal=recusal, reason="It is over")
    with pytest.raises(AccessRefused, match="ended already"):
        access.end_recusal(actor=senior, recusal=recusal, reason="It is over")


def test_sql_ends_no_recusal_in_the_persons_own_name(recusal: Recusal) -> None:
    with refused_with("HF013"):
        run_sql(
            "INSERT INTO cases_recusalend (recusal_id, by_id, reason, at)"
            " VALUES (%s, %s, 'It is over', now())",
            recusal.pk,
            recusal.user_id,
        )


def test_a_grant_to_oneself_undoes_no_recusal(case: Case, senior: User, counsel: User) -> None:
    access.recuse(actor=senior, case=case, reason="A cousin")
    with pytest.raises(NotAllowed):
        access.grant_access(actor=senior, case=case, to=senior, reason="Back again")
    assert not CaseUserAccess.access.exists()
