"""The whole path with its real parts: a report in the zone, and what its reporter reads at last.

The desk's steps go through its pages, each person in a browser of their own.
"""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from cases.models import Case
from intake.models import Report
from platforms.models import Enforcement, Profile
from tests.cases.builders import make_platform, make_profile, policy
from tests.conftest import sign_in
from tests.intake.zone import Reporter

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

STORY = "He came back under another name the week after."
SUMMARY = "A successor of an account that was taken down in December."


def browser(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def send(client: Client, name: str, *keys: object, **typed: object) -> str:
    """Send a form as its page would, and return the page that follows."""
    response = client.post(reverse(name, args=keys), typed, follow=True)
    assert response.status_code == 200, response.content.decode()
    return unescape(response.content.decode())


@pytest.fixture
def account(db: None) -> Profile:
    """Of high reach, so that taking it down takes two people."""
    return make_profile(make_platform(name="Relay"), handle="akhmat", reach=3_200_000)


def test_a_report_becomes_an_action_and_its_reporter_reads_of_it(
    reporter: Reporter,
    account: Profile,
    coordinator: User,
    moderator: User,
    senior: User,
    other_moderator: User,
) -> None:
    receipt = reporter.report(accounts="https://relay.example/@akhmat", narrative=STORY)
    report = Report.objects.get()
    outsider = browser(other_moderator)
    queue_before = pages_of(outsider, account)

    triage = browser(coordinator)
    send(triage, "intake:claim", report.pk)
    assert STORY in send(triage, "intake:read", report.pk, reason="To triage it")
    send(triage, "intake:summarise", report.pk, text=SUMMARY)
    send(triage, "cases:link_account", report.pk, account="https://relay.example/@akhmat")
    link = report.reported_profiles.get()
    assert link.profile == account
    send(triage, "cases:open_from_report", report.pk, link.pk, reason="The same handle")
    case = Case.objects.get()
    page = send(
        triage,
        "cases:hand_over_report_case",
        report.pk,
        link.pk,
        email=moderator.email,
        reason="Knows the region",
    )
    assert moderator.name in page
    send(
        triage,
        "cases:hand_over_report_case",
        report.pk,
        link.pk,
        email=senior.email,
        reason="Answers proposals",
    )

    review = browser(moderator)
    assert case.label in review.get(reverse("cases:queue")).content.decode()
    summary = send(review, "cases:read_summary", case.pk, link.pk, reason="To decide")
    assert SUMMARY in summary
    assert STORY not in summary
    send(review, "cases:take_lease", case.pk)
    case.refresh_from_db()
    send(
        review,
        "cases:propose_decision",
        case.pk,
        outcome="suspend",
        basis=policy("successor-account").pk,
        reason="Runs the account of somebody listed.",
        based_on=case.version,
    )
    case.refresh_from_db()
    assert case.state == Case.State.PROPOSED
    send(
        browser(senior),
        "cases:answer_decision",
        case.pk,
        case.decisions.get().pk,
        answer="yes",
        based_on=case.version,
    )
    sent = Enforcement.objects.get(profile=account)
    assert (sent.action, sent.state) == (Enforcement.Action.SUSPEND, Enforcement.State.APPROVED)

    reminder = unescape(triage.get(reverse("intake:reports")).content.decode())
    assert "Decided: answer the reporter" in reminder
    panel = unescape(triage.get(reverse("intake:report", args=[report.pk])).content.decode())
    assert "Decided: Take down" in panel
    send(triage, "intake:reply", report.pk, text="Thank you. The account is being taken down.")
    send(triage, "intake:close", report.pk, outcome="acted")
    assert "Decided: answer" not in triage.get(reverse("intake:reports")).content.decode()

    reporter.open_inbox(receipt)
    assert "We acted on what you told us." in unescape(reporter.page)
    assert "Thank you. The account is being taken down." in unescape(reporter.page)
    for word in (case.label, moderator.name, senior.name, coordinator.name, SUMMARY):
        assert word not in reporter.page

    assert pages_of(outsider, account) == queue_before
    for address in (
        reverse("cases:case", args=[case.pk]),
        reverse("cases:report_case", args=[report.pk]),
        reverse("intake:report", args=[report.pk]),
    ):
        assert outsider.get(address).status_code == 404
    kept = " ".join(f"{event.changes} {event.reason}" for event in AuditEvent.objects.all())
    assert STORY not in kept
    assert SUMMARY not in kept


def pages_of(client: Client, account: Profile) -> list[str]:
    """What somebody without a grant finds: the queue, whole, by kind and by handle, and numbers."""
    addresses = [
        reverse("cases:queue"),
        f"{reverse('cases:queue')}?kind=report",
        f"{reverse('cases:queue')}?find={account.handle}",
        reverse("api:case-list"),
    ]
    pages = [client.get(address).content.decode() for address in addresses]
    return [re.sub(r'(csrf\w*"? ?(value=|:) ?"?)[\w-]+|\d\d:\d\d', "", page) for page in pages]
