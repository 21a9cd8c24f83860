"""A reporter deletes, the grants end, and the open case still has somebody who can open it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import SWEEPER
from accounts.models import AuditEvent, User
from accounts.roles import Role
from cases import departures, keepers, reports
from cases.models import Case, CaseUserAccess, Decision, Recusal
from intake import inbox
from intake.models import Report
from intake.receipts import Receipt
from tests.cases.builders import make_profile, propose
from tests.conftest import person
from tests.intake.case_builders import in_hand, linked
from tests.intake.zone import as_the_zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def sees(user: User, case: Case) -> bool:
    return Case.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=case.pk).exists()


@pytest.fixture
def handed(sent: tuple[Receipt, Report], coordinator: User, moderator: User) -> Case:
    """The case of a report, which one reviewer can open for 30 days."""
    link = linked(coordinator, in_hand(coordinator, sent[1]), make_profile(handle="akhmat"))
    case = reports.open_from_report(
        actor=coordinator, report=sent[1], profile=link.profile, reason="The same handle"
    )
    link.refresh_from_db()
    reports.hand_to(actor=coordinator, link=link, user=moderator, reason="Knows the region")
    return case


def delete_report(receipt: Receipt) -> None:
    with as_the_zone():
        inbox.delete(inbox.open_with(receipt))


def end_grants() -> None:
    """Let the 30 days pass. A grant's end only ever comes closer."""
    CaseUserAccess.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


def test_it_goes_to_those_who_manage_access(
    sent: tuple[Receipt, Report], handed: Case, moderator: User, senior: User, counsel: User
) -> None:
    """Shown to fail by leaving `give_keepers` out of the schedule's task."""
    delete_report(sent[0])
    assert sees(moderator, handed)
    assert keepers.give_keepers(actor=SWEEPER) == 0
    end_grants()
    assert not any(sees(who, handed) for who in (moderator, senior, counsel))

    assert keepers.give_keepers(actor=SWEEPER) == 1
    assert sees(senior, handed)
    assert sees(counsel, handed)
    assert not sees(moderator, handed)
    event = AuditEvent.objects.filter(verb="case.access_granted").latest("pk")
    assert event.actor_service == SWEEPER.name
    assert keepers.give_keepers(actor=SWEEPER) == 0


def test_while_the_report_is_there_its_coordinator_hands_it_on(handed: Case, senior: User) -> None:
    end_grants()
    assert keepers.give_keepers(actor=SWEEPER) == 0
    assert not sees(senior, handed)


def test_a_reader_whose_account_is_closed_is_none(
    sent: tuple[Receipt, Report],
    handed: Case,
    moderator: User,
    senior: User,
    administrator: User,
) -> None:
    delete_report(sent[0])
    departures.deactivate(actor=administrator, user=moderator, reason="Left")
    assert keepers.give_keepers(actor=SWEEPER) == 1
    assert sees(senior, handed)


def test_who_stepped_away_is_not_let_in(
    sent: tuple[Receipt, Report], handed: Case, senior: User, counsel: User
) -> None:
    Recusal.objects.create(case=handed, user=senior, reason="A cousin")
    delete_report(sent[0])
    end_grants()
    assert keepers.give_keepers(actor=SWEEPER) == 1
    assert sees(counsel, handed)
    assert not sees(senior, handed)


def test_a_decided_case_needs_no_keeper(
    sent: tuple[Receipt, Report], handed: Case, moderator: User, senior: User
) -> None:
    propose(moderator, handed, Decision.Outcome.NO_ACTION, policy=None)
    delete_report(sent[0])
    end_grants()
    assert keepers.give_keepers(actor=SWEEPER) == 0


def test_without_anybody_who_manages_access_it_waits(
    sent: tuple[Receipt, Report], handed: Case
) -> None:
    delete_report(sent[0])
    end_grants()
    assert keepers.give_keepers(actor=SWEEPER) == 0
    late = person("Tola Later", Role.SENIOR_REVIEWER)
    assert keepers.give_keepers(actor=SWEEPER) == 1
    assert sees(late, handed)
