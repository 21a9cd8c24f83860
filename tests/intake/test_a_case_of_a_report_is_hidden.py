"""What a moderator without a grant could see of a case that came from a report: nothing."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from cases import reportpage, reports, visibility
from cases.models import Case, Decision, Recusal
from intake import access, reading
from intake.models import Report
from tests.cases.builders import (
    make_designation,
    make_profile,
    open_match_case,
    policy,
    propose,
)
from tests.cases.pages import address, page, text_of
from tests.conftest import person, sign_in
from tests.intake.case_builders import SUMMARY, in_hand, opened
from tests.intake.conftest import send

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def held(coordinator: User, report: Report) -> Report:
    return in_hand(coordinator, report)


@pytest.fixture
def hidden(coordinator: User, held: Report) -> Case:
    """A case that was opened for a report and handed to nobody."""
    return opened(coordinator, held)


def sees(user: User, case: Case) -> bool:
    """Ask anew: what a person may do is asked once per object."""
    again = User.objects.get(pk=user.pk)
    return Case.objects.visible_to(again).filter(pk=case.pk).exists()


def hand(coordinator: User, held: Report, user: User) -> None:
    link = held.reported_profiles.get()
    reports.hand_to(actor=coordinator, link=link, user=user, reason="Knows the region")


def test_no_role_opens_it(hidden: Case) -> None:
    """Shown to fail by leaving the kind out of `visible_to`."""
    everyone = [person(f"One {role}", role) for role in Role]
    everyone.append(person("Both", Role.MODERATOR, Role.INTAKE_COORDINATOR))
    superuser = person("A superuser", Role.MODERATOR)
    User.objects.filter(pk=superuser.pk).update(is_superuser=True)

    assert not any(sees(user, hidden) for user in [*everyone, superuser])


def test_a_grant_to_open_the_report_opens_its_case_and_ends_with_it(
    hidden: Case, held: Report, coordinator: User, moderator: User
) -> None:
    grant = access.share(actor=coordinator, report=held, user=moderator, reason="Works on it")
    assert sees(moderator, hidden)

    access.end_share(actor=coordinator, grant=grant)
    assert not sees(moderator, hidden)


def test_a_grant_to_another_report_does_not(
    hidden: Case, other_coordinator: User, moderator: User
) -> None:
    _, other = send("Something else.")
    in_hand(other_coordinator, other)
    access.share(actor=other_coordinator, report=other, user=moderator, reason="Works on it")

    assert not sees(moderator, hidden)


def test_a_recusal_closes_it(
    hidden: Case, held: Report, coordinator: User, moderator: User
) -> None:
    hand(coordinator, held, moderator)
    Recusal.objects.create(case=hidden, user=moderator, reason="A cousin")

    assert not sees(moderator, hidden)


def test_the_team_reads_the_summary_and_not_the_report(
    hidden: Case, held: Report, coordinator: User, moderator: User
) -> None:
    hand(coordinator, held, moderator)
    link = visibility.reports_behind(hidden, moderator).get()

    said = reports.read_summary(actor=moderator, link=link, reason="To decide")

    assert said == SUMMARY
    with pytest.raises(NotAllowed):
        reading.read(actor=moderator, report=held, reason="To look")
    event = AuditEvent.objects.filter(verb="read_report_summary").get()
    assert (event.actor_user, event.reason, event.changes) == (moderator, "To decide", {})


def test_the_team_of_a_case_that_was_joined_learns_nothing(
    coordinator: User, held: Report, moderator: User, client: Client
) -> None:
    """Shown to fail by recording the link about the case, and by leaving its kind out."""
    case = open_match_case(make_profile(handle="akhmat"))
    before = text_of(page(client, moderator, case))
    opened(coordinator, held, case.profiles.get())
    case.refresh_from_db()

    assert text_of(page(client, moderator, case)) == before
    assert not visibility.reports_behind(case, moderator).exists()
    link = held.reported_profiles.get()
    with pytest.raises(NotAllowed):
        reports.read_summary(actor=moderator, link=link, reason="To look")
    sign_in(client, moderator)
    summary = reverse("cases:read_summary", args=[case.pk, link.pk])
    assert client.post(summary, {"reason": "To look"}).status_code == 404


def test_whoever_can_open_the_report_finds_it_on_the_case_it_joined(
    coordinator: User, held: Report, moderator: User, client: Client
) -> None:
    case = open_match_case(make_profile(handle="akhmat"))
    opened(coordinator, held, case.profiles.get())
    access.share(actor=coordinator, report=held, user=moderator, reason="Works on it")

    assert reverse("intake:report", args=[held.pk]) in page(client, moderator, case)


def test_another_case_of_the_account_shows_holds_and_no_case(
    hidden: Case,
    held: Report,
    coordinator: User,
    moderator: User,
    other_moderator: User,
    client: Client,
) -> None:
    """Shown to fail by telling siblings of every decision, and by naming the case in its hold."""
    seen = open_match_case(hidden.profiles.get(), make_designation())
    hand(coordinator, held, moderator)
    propose(
        moderator,
        hidden,
        Decision.Outcome.SUSPEND,
        policy=policy("successor-account"),
        reasons="Known from elsewhere.",
    )

    said = page(client, other_moderator, seen)
    assert "The holds on this account changed" in said
    for trace in (hidden.label, "Another case", "Known from elsewhere", "eport"):
        assert trace not in text_of(said)


def test_a_decision_that_moves_no_hold_is_told_to_no_other_case(
    hidden: Case, held: Report, coordinator: User, moderator: User
) -> None:
    seen = open_match_case(hidden.profiles.get(), make_designation())
    hand(coordinator, held, moderator)
    propose(moderator, hidden, Decision.Outcome.NO_ACTION, policy=None)

    version = seen.version
    seen.refresh_from_db()
    assert seen.version == version
    assert seen.state == Case.State.OPEN


def test_the_pages_of_a_hidden_case_answer_like_one_that_never_was(
    hidden: Case, moderator: User, client: Client
) -> None:
    sign_in(client, moderator)
    there, nowhere = client.get(address(hidden)), client.get(reverse("cases:case", args=[987_654]))

    assert there.status_code == nowhere.status_code == 404
    assert there.content == nowhere.content


def test_the_coordinators_page_asks_a_constant_number_of_questions(
    coordinator: User, held: Report
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as caught:
            reportpage.read(held)
        return len(caught)

    opened(coordinator, held)
    one = questions()
    for number in range(4):
        opened(coordinator, held, make_profile(handle=f"akhmat_{number}"))

    assert questions() == one


def test_the_queue_offers_the_kind_to_whoever_has_such_a_case(
    hidden: Case,
    held: Report,
    coordinator: User,
    moderator: User,
    other_moderator: User,
    client: Client,
) -> None:
    hand(coordinator, held, moderator)

    for reader, shown in ((moderator, True), (other_moderator, False)):
        sign_in(client, reader)
        queue = client.get(reverse("cases:queue")).content.decode()
        assert ("Confidential report" in queue) is shown


def test_asking_why_somebody_sees_it_does_not_tell_that_it_exists(
    hidden: Case, administrator: User, moderator: User, client: Client
) -> None:
    sign_in(client, administrator)

    asked = {"email": moderator.email, "case": hidden.label}
    answer = client.get(reverse("cases:why"), asked)

    assert "There is no case with this number." in text_of(answer.content.decode())
