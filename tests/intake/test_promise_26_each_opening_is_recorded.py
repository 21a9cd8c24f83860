"""Promise 26: each opening is recorded with its reason, and the record names no reporter."""

import re
from itertools import pairwise

import psycopg
import pytest
from django.test import Client
from django.urls import reverse
from psycopg.errors import InsufficientPrivilege

from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from intake import access, reading
from intake.models import Report
from intake.receipts import Receipt
from intake.refusals import InvalidMove, NotYours, ReasonMissing
from tests.conftest import sign_in
from tests.intake.conftest import NARRATIVE
from tests.intake.zone import url_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_no_opening_without_a_reason(report: Report, coordinator: User) -> None:
    access.claim(actor=coordinator, report=report)
    with pytest.raises(ReasonMissing):
        reading.read(actor=coordinator, report=report, reason="  ")


def test_no_opening_without_a_grant(
    report: Report, coordinator: User, other_coordinator: User
) -> None:
    """Shown to fail by asking for the role alone in `reading.read`."""
    with pytest.raises(NotAllowed):
        reading.read(actor=coordinator, report=report, reason="To look")
    access.claim(actor=coordinator, report=report)
    with pytest.raises(NotAllowed):
        reading.read(actor=other_coordinator, report=report, reason="To look")


def test_an_opening_is_recorded_with_who_and_why(report: Report, coordinator: User) -> None:
    """Shown to fail by leaving `audit.record` out of `reading.read`."""
    access.claim(actor=coordinator, report=report)
    reading.read(actor=coordinator, report=report, reason="First reading")
    event = AuditEvent.objects.get(verb="read_report")
    assert event.actor_user == coordinator
    assert event.reason == "First reading"
    assert event.object_id == str(report.pk)


def test_the_record_of_a_whole_handling_holds_nothing_of_the_report(
    sent: tuple[Receipt, Report], coordinator: User, moderator: User
) -> None:
    receipt, report = sent
    access.claim(actor=coordinator, report=report)
    reading.read(actor=coordinator, report=report, reason="First reading")
    reading.reply(actor=coordinator, report=report, text="canary of a reply")
    reading.summarise(actor=coordinator, report=report, text="canary of a summary")
    grant = access.share(actor=coordinator, report=report, user=moderator, reason="Case 7")
    access.end_share(actor=coordinator, grant=grant)
    reading.close(actor=coordinator, report=report, outcome=Report.Outcome.ACTED)
    reading.reopen(actor=coordinator, report=report)
    access.hand_back(actor=coordinator, report=report, reason="Holiday")

    written = str(list(AuditEvent.objects.values()))
    for kept_out in ("canary", NARRATIVE, "akhmat", "Somebody"):
        assert kept_out not in written
    # One word of a receipt may stand in any text by chance ("lid" in "Holiday"), two do not.
    letters = re.sub(r"[^a-z0-9]", "", written.lower())
    for neighbours in pairwise(receipt.parts):
        assert "".join(neighbours).replace("-", "") not in letters
    about_report = AuditEvent.objects.filter(object_id=str(report.pk))
    assert about_report.values_list("verb", flat=True).distinct().count() == 9


def test_what_was_read_is_on_no_page_that_a_cache_keeps(
    report: Report, coordinator: User, client: Client
) -> None:
    access.claim(actor=coordinator, report=report)
    sign_in(client, coordinator)
    header = client.get(reverse("intake:report", args=[report.pk]))
    assert NARRATIVE not in header.content.decode()
    opened = client.post(reverse("intake:read", args=[report.pk]), {"reason": "To look"})
    assert NARRATIVE in opened.content.decode()
    assert opened["Cache-Control"] == "no-store"
    assert client.get(reverse("intake:read", args=[report.pk])).status_code == 405


def test_opening_asks_for_a_fresh_confirmation(
    report: Report, coordinator: User, client: Client
) -> None:
    """Shown to fail by taking `fresh_second_factor` off `views.desk.read`."""
    access.claim(actor=coordinator, report=report)
    client.force_login(coordinator)
    answer = client.post(reverse("intake:read", args=[report.pk]), {"reason": "To look"})
    assert answer.status_code == 302
    assert not AuditEvent.objects.filter(verb="read_report").exists()


def test_a_second_coordinator_comes_too_late(
    report: Report, coordinator: User, other_coordinator: User
) -> None:
    access.claim(actor=coordinator, report=report)
    with pytest.raises(access.NotWaiting):
        access.claim(actor=other_coordinator, report=report)
    with pytest.raises(NotYours):
        reading.reply(actor=other_coordinator, report=report, text="Hello")


def test_a_waiting_report_is_not_closed(report: Report, coordinator: User) -> None:
    access.claim(actor=coordinator, report=report)
    reading.close(actor=coordinator, report=report, outcome=Report.Outcome.KNOWN)
    with pytest.raises(InvalidMove):
        reading.close(actor=coordinator, report=report, outcome=Report.Outcome.ACTED)


REFUSED_TO_DESK = (
    "UPDATE intake_report SET narrative = ''",
    "UPDATE intake_report SET lookup_digest = ''",
    "DELETE FROM intake_report",
    "INSERT INTO intake_report (id) VALUES (gen_random_uuid())",
    "UPDATE intake_message SET text = ''",
    "DELETE FROM intake_message",
    "INSERT INTO intake_keywrap (id) VALUES (gen_random_uuid())",
    "DELETE FROM intake_reportgrant",
    "UPDATE intake_reportgrant SET user_id = 1",
    "SELECT content FROM intake_zonesession",
    "SELECT intake_open('x')",
)
REFUSED_TO_INTAKE = (
    "SELECT * FROM intake_report",
    "SELECT count(*) FROM intake_message",
    "SELECT * FROM intake_zonesession",
    "UPDATE intake_report SET state = 'closed'",
    "DELETE FROM intake_keywrap",
    "SELECT * FROM accounts_user",
    "SELECT * FROM accounts_auditevent",
    "SELECT intake_erase(gen_random_uuid())",
    "SELECT intake_report_of('x')",
)


@pytest.mark.parametrize(
    ("role", "statement"),
    [("desk", s) for s in REFUSED_TO_DESK] + [("intake", s) for s in REFUSED_TO_INTAKE],
)
def test_the_database_refuses_what_no_verb_does(role: str, statement: str) -> None:
    """Shown to fail by leaving the rights out of migration 0002."""
    with psycopg.connect(url_of(role)) as connected, pytest.raises(InsufficientPrivilege):
        connected.execute(statement)
