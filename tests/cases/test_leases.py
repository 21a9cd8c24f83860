"""Rule 7: a lease has one holder and an end, and eight people who start at once get eight cases."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from cases import decisions, leases, queue
from cases.models import Case, Decision, Recusal
from cases.refusals import InvalidCaseStep, LeaseHeld, LeaseMissing, StalePage
from tests.cases.builders import open_match_case, policy, propose, suspend
from tests.cases.queue_cases import add_cases
from tests.cases.sql import at_once, refused_with, run_sql
from tests.conftest import person

NEED_MORE = decisions.Proposal(outcome=Decision.Outcome.NEED_MORE, reasons="Ask for a photo.")


@pytest.fixture
def case(db: None) -> Case:
    return open_match_case()


def test_only_its_holder_decides(case: Case, moderator: User, other_moderator: User) -> None:
    leases.take_lease(actor=moderator, case=case)

    with pytest.raises(LeaseHeld) as refusal:
        leases.take_lease(actor=other_moderator, case=case)
    assert refusal.value.holder == moderator
    with pytest.raises(LeaseHeld):
        decisions.propose(
            actor=other_moderator, case=case, proposal=NEED_MORE, expected_version=case.version
        )


def test_a_lease_ends_and_another_takes_over(
    case: Case, moderator: User, other_moderator: User
) -> None:
    leases.take_lease(actor=moderator, case=case)

    with time_machine.travel(timezone.now() + timedelta(minutes=leases.LEASE_MINUTES), tick=False):
        with pytest.raises(LeaseMissing):
            decisions.propose(
                actor=moderator, case=case, proposal=NEED_MORE, expected_version=case.version
            )
        taken = leases.take_lease(actor=other_moderator, case=case)
        assert taken.lease_holder == other_moderator
        with pytest.raises(LeaseMissing):
            leases.release_lease(actor=moderator, case=case)


def test_taking_it_again_extends_it_and_moves_no_version(case: Case, moderator: User) -> None:
    first = leases.take_lease(actor=moderator, case=case)

    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=False):
        again = leases.take_lease(actor=moderator, case=case)

    assert again.lease_ends_at > first.lease_ends_at
    assert again.version == case.version


def test_a_second_release_is_refused(case: Case, moderator: User) -> None:
    leases.take_lease(actor=moderator, case=case)
    leases.release_lease(actor=moderator, case=case)

    with pytest.raises(LeaseMissing):
        leases.release_lease(actor=moderator, case=case)


def test_closing_a_case_ends_its_lease(case: Case, moderator: User) -> None:
    suspend(moderator, case)

    case.refresh_from_db()
    assert (case.lease_holder, case.lease_ends_at) == (None, None)
    with pytest.raises(InvalidCaseStep):
        leases.take_lease(actor=moderator, case=case)


def test_a_lease_has_a_holder_and_an_end_in_the_database(case: Case, moderator: User) -> None:
    with refused_with("23514"):
        run_sql(
            "UPDATE cases_case SET lease_holder_id = %s WHERE number = %s", moderator.pk, case.pk
        )


def test_whoever_leaves_gives_everything_back(moderator: User, administrator: User) -> None:
    held = [open_match_case() for _ in range(3)]
    for each in held:
        leases.take_lease(actor=moderator, case=each)

    assert leases.release_leases_of(actor=administrator, user=moderator) == 3
    assert not Case.objects.filter(lease_holder__isnull=False).exists()
    assert leases.release_leases_of(actor=administrator, user=moderator) == 0


def test_a_case_one_stepped_away_from_is_not_taken(case: Case, moderator: User) -> None:
    Recusal.objects.create(case=case, user=moderator, reason="A relative")

    with pytest.raises(NotAllowed):
        leases.take_lease(actor=moderator, case=case)


def test_an_auditor_takes_none(case: Case, auditor: User) -> None:
    with pytest.raises(NotAllowed):
        leases.take_lease(actor=auditor, case=case)
    with pytest.raises(NotAllowed):
        leases.claim_next(actor=auditor, cases=Case.objects.all())


def test_a_proposal_from_an_old_page_is_shown_what_changed(
    case: Case, moderator: User, other_moderator: User
) -> None:
    seen = case.version
    propose(other_moderator, case, Decision.Outcome.NEED_MORE, policy=policy())
    leases.take_lease(actor=moderator, case=case)

    with pytest.raises(StalePage) as refusal:
        decisions.propose(actor=moderator, case=case, proposal=NEED_MORE, expected_version=seen)

    assert [event.actor_user for event in refusal.value.changes] == [other_moderator]
    assert refusal.value.current == seen + 1


def test_the_second_click_on_a_proposal_decides_nothing_more(case: Case, moderator: User) -> None:
    leases.take_lease(actor=moderator, case=case)
    seen = case.version
    decisions.propose(actor=moderator, case=case, proposal=NEED_MORE, expected_version=seen)

    with pytest.raises(StalePage):
        decisions.propose(actor=moderator, case=case, proposal=NEED_MORE, expected_version=seen)

    assert case.decisions.count() == 1


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_eight_people_who_start_at_once_get_eight_cases() -> None:
    people = [person(f"Reviewer {number}", Role.MODERATOR) for number in range(8)]
    add_cases(8)

    def claim(user: User) -> int | None:
        cases = queue.ordered(user=user, filters=queue.Filters())
        case = leases.claim_next(actor=user, cases=cases)
        return None if case is None else case.pk

    taken = at_once(*(lambda user=user: claim(user) for user in people))

    assert sorted(taken) == sorted(Case.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_who_take_one_case_at_once_one_gets_it(
    moderator: User, other_moderator: User
) -> None:
    case = open_match_case()

    results = at_once(
        *(
            lambda user=user: leases.take_lease(actor=user, case=case)
            for user in (moderator, other_moderator)
        )
    )

    assert sorted(type(result).__name__ for result in results) == ["Case", "LeaseHeld"]
