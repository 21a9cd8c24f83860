"""What the reporter reads of a request in the inbox, and what their buttons do. No scripts."""

import re

import pytest

from accounts.models import AuditEvent, User
from intake import access
from intake.models import Report
from intake.models.vault import IdentityRequest
from intake.vault import requests
from tests.intake.conftest import PASSPHRASE
from tests.intake.vault_builders import let_time_pass, released
from tests.intake.zone import Reporter

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def receipt(vault: list[User], reporter: Reporter) -> str:
    return reporter.report(name="Maryam Vermilion")


@pytest.fixture
def waiting(receipt: str, coordinator: User) -> IdentityRequest:
    report = Report.objects.get()
    access.claim(actor=coordinator, report=report)
    request, _ = requests.ask(
        actor=coordinator, report=report, reason="A court asks", message="A court asks us."
    )
    return request


def press(reporter: Reporter, act: str) -> None:
    shown = re.search(r'name="request" value="([^"]+)"', reporter.page)
    assert shown
    reporter.follow(reporter.post("/en/inbox/", act=act, request=shown.group(1)))


def test_the_notice_says_until_when_and_an_objection_stops_it(
    waiting: IdentityRequest, receipt: str, reporter: Reporter, vault: list[User]
) -> None:
    reporter.open_inbox(receipt)
    assert "We ask to learn who you are" in reporter.page
    assert "A court asks us." in reporter.page
    assert f"{waiting.objections_until:%H:%M} UTC" in reporter.page
    press(reporter, "object")
    assert "You objected" in reporter.page
    assert "I agree" not in reporter.page
    assert IdentityRequest.objects.get().state == IdentityRequest.State.OBJECTED


def test_consent_can_be_taken_back_while_nothing_is_opened(
    waiting: IdentityRequest, receipt: str, reporter: Reporter
) -> None:
    reporter.open_inbox(receipt)
    press(reporter, "consent")
    assert "You agreed" in reporter.page
    assert IdentityRequest.objects.get().answer == "consent"
    press(reporter, "object")
    assert IdentityRequest.objects.get().answer == "objection"


def test_after_the_release_the_reporter_is_told_until_when(
    waiting: IdentityRequest, receipt: str, reporter: Reporter, vault: list[User]
) -> None:
    until = released(waiting, *vault[:2]).visible_until
    reporter.open_inbox(receipt)
    assert "Two custodians agreed" in reporter.page
    assert f"{until:%H:%M} UTC" in reporter.page


def test_a_request_that_ended_says_that_nothing_was_opened(
    waiting: IdentityRequest, receipt: str, reporter: Reporter, vault: list[User]
) -> None:
    let_time_pass(waiting, hours=24)
    requests.approve(actor=vault[0], request=waiting, passphrase=PASSPHRASE)
    requests.refuse(actor=vault[1], request=waiting, reason="Not enough")
    reporter.open_inbox(receipt)
    assert "Nothing was opened." in reporter.page


def test_an_answer_leaves_no_event_and_no_time(
    waiting: IdentityRequest, receipt: str, reporter: Reporter
) -> None:
    """Shown to fail by recording an event in `notices.answer`."""
    before = AuditEvent.objects.count()
    reporter.open_inbox(receipt)
    press(reporter, "object")
    assert AuditEvent.objects.count() == before
    told_of_time = {
        field.name
        for field in IdentityRequest._meta.concrete_fields
        if field.get_internal_type() == "DateTimeField"
    }
    assert told_of_time == {"requested_at", "objections_until", "visible_until"}


def test_in_russian_the_notice_is_russian(
    waiting: IdentityRequest, receipt: str, reporter: Reporter
) -> None:
    reporter.open_inbox(receipt)
    reporter.get("/ru/inbox/")
    assert "Мы просим узнать, кто вы" in reporter.page
    assert "Возражаю" in reporter.page


def test_without_a_request_there_is_no_notice(receipt: str, reporter: Reporter) -> None:
    reporter.open_inbox(receipt)
    assert "who you are" not in reporter.page.split("</main>")[0].split('class="beside"')[0]
