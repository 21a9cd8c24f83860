"""Files at the desk: under grant, fresh confirmation and reason, hidden at first, on record."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, RoleGrant, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from intake import access
from intake.attachments import opening
from intake.models import Attachment, Report
from intake.receipts import Receipt
from tests.conftest import person, sign_in
from tests.intake import corpus
from tests.intake.file_builders import attach, cleaned

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
REASON = {"reason": "To see what it shows"}


@pytest.fixture
def held(report: Report, coordinator: User, client: Client) -> Report:
    access.claim(actor=coordinator, report=report)
    sign_in(client, coordinator)
    return report


def opened(client: Client, report: Report) -> str:
    response = client.post(reverse("intake:read", args=[report.pk]), REASON)
    return unescape(response.content.decode())


def address(file: Attachment, name: str = "open_file") -> str:
    return reverse(f"intake:{name}", args=[file.report_id, file.pk])


def test_the_opened_report_shows_the_state_of_each_file(
    client: Client, held: Report, receipt: Receipt
) -> None:
    cleaned(attach(receipt, "photo.jpg", corpus.jpeg()))
    cleaned(attach(receipt, "broken.jpg", corpus.jpeg()[:300]))
    attach(receipt, "later.txt", b"text")
    page = opened(client, held)
    for said in ("photo.jpg", "broken.jpg", "later.txt", "Clean copy", "Refused", "It is damaged"):
        assert said in page
    assert "Waiting for its clean copy" in page
    assert page.count("Open the clean copy") == 1


def test_a_picture_is_hidden_until_it_is_asked_for(
    client: Client, held: Report, receipt: Receipt
) -> None:
    """Shown to fail by a picture outside of the closed `details`."""
    file = cleaned(attach(receipt, "photo.jpg", corpus.jpeg()))
    response = client.post(address(file), REASON)
    page = response.content.decode()
    assert re.search(r'<details class="veil"><summary[^>]*>[^<]*</summary><img src="data:', page)
    assert response["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(verb="open_report_file")
    assert (event.object_id, event.reason) == (str(held.pk), REASON["reason"])
    assert event.changes == {"file": str(file.pk)}


def test_a_text_is_shown_as_text(client: Client, held: Report, receipt: Receipt) -> None:
    file = cleaned(attach(receipt, "a.txt", b"<script>alert(1)</script>"))
    page = client.post(address(file), REASON).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize(
    ("name", "made", "media_type"),
    [
        ("a.pdf", corpus.pdf, "application/pdf"),
        ("a.heic", lambda: corpus.HEIC, "image/jpeg"),
        ("a.txt", lambda: b"text", "text/plain; charset=utf-8"),
    ],
)
def test_a_copy_is_handed_out_as_a_file_in_a_sandbox(
    client: Client,
    held: Report,
    receipt: Receipt,
    name: str,
    made: Callable[[], bytes],
    media_type: str,
) -> None:
    file = cleaned(attach(receipt, name, made()))
    response = client.post(address(file), REASON | {"download": "1"})
    assert response["Content-Type"] == media_type
    assert response["Content-Disposition"].startswith('attachment; filename="clean-copy.')
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"


def test_a_file_takes_a_reason(client: Client, held: Report, receipt: Receipt) -> None:
    file = cleaned(attach(receipt, "a.txt", b"text"))
    assert client.post(address(file), {"reason": " "}).status_code == 422
    assert not AuditEvent.objects.filter(verb="open_report_file").exists()


def test_a_file_takes_a_fresh_confirmation(client: Client, held: Report, receipt: Receipt) -> None:
    """Shown to fail by leaving the decorator out."""
    file = cleaned(attach(receipt, "a.txt", b"text"))
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    assert b"text" not in client.post(address(file), REASON).content
    assert not AuditEvent.objects.filter(verb="open_report_file").exists()


def test_a_file_that_waits_or_was_refused_does_not_open(
    client: Client, held: Report, receipt: Receipt
) -> None:
    """Shown to fail by leaving the state out of `opening.open_clean`."""
    waiting = attach(receipt, "a.txt", b"waiting")
    refused = cleaned(attach(receipt, "a.jpg", corpus.jpeg()[:300], keep=True))
    for file in (waiting, refused):
        response = client.post(address(file), REASON)
        assert response.status_code == 409
        assert b"There is no clean copy" in response.content


def test_a_file_of_another_report_is_not_there(
    client: Client, held: Report, receipt: Receipt, other_coordinator: User
) -> None:
    file = cleaned(attach(receipt, "a.txt", b"text"))
    sign_in(client, other_coordinator)
    assert client.post(address(file), REASON).status_code == 404


def test_a_copy_that_was_exchanged_on_the_disk_does_not_open(
    client: Client, held: Report, receipt: Receipt, media: Path
) -> None:
    """Held twice: by the key of the file's place, and by the hash of its content.

    Shown to fail by leaving both out.
    """
    one = cleaned(attach(receipt, "a.txt", b"one"))
    other = cleaned(attach(receipt, "b.txt", b"other"))
    (media / one.cleaned).write_bytes((media / other.cleaned).read_bytes())
    response = client.post(address(one), REASON)
    assert response.status_code == 409
    assert b"was changed or is gone" in response.content


def test_an_original_takes_a_permission_besides_the_grant(
    client: Client, held: Report, receipt: Receipt, coordinator: User, counsel: User
) -> None:
    """Shown to fail by leaving the permission out of `opening.open_original`."""
    file = cleaned(attach(receipt, "a.jpg", corpus.jpeg(), keep=True))
    page = opened(client, held)
    assert "Legal counsel opens it" in page
    assert "Take the original out" not in page
    assert client.post(address(file, "open_original"), REASON).status_code == 403

    access.share(actor=coordinator, report=held, user=counsel, reason="As evidence")
    sign_in(client, counsel)
    assert "Take the original out" in opened(client, held)
    response = client.post(address(file, "open_original"), REASON)
    assert response.content == corpus.jpeg()
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == 'attachment; filename="original.jpg"'
    event = AuditEvent.objects.get(verb="open_report_original")
    assert (event.actor_user, event.reason) == (counsel, REASON["reason"])


def test_an_original_that_was_destroyed_is_not_there(
    client: Client, held: Report, receipt: Receipt, coordinator: User, counsel: User
) -> None:
    file = cleaned(attach(receipt, "a.txt", b"text"))
    access.share(actor=coordinator, report=held, user=counsel, reason="As evidence")
    sign_in(client, counsel)
    response = client.post(address(file, "open_original"), REASON)
    assert response.status_code == 409
    assert b"No original of this file is kept" in response.content


def test_a_row_that_was_changed_shows_as_lost(
    client: Client, held: Report, receipt: Receipt
) -> None:
    one, other = attach(receipt, "a.txt", b"one"), attach(receipt, "b.txt", b"other")
    Attachment.objects.using("owner").filter(pk=one.pk).update(details=other.details)
    page = opened(client, held)
    assert "Unreadable" in page
    assert "Tell an administrator" in page


def test_counsel_without_a_grant_finds_no_original(
    client: Client, held: Report, receipt: Receipt
) -> None:
    file = cleaned(attach(receipt, "a.txt", b"text", keep=True))
    sign_in(client, person("Another Counsel", Role.LEGAL_COUNSEL))
    assert client.post(address(file, "open_original"), REASON).status_code == 404


def test_a_custodian_opens_no_file_by_a_grant_from_before(
    held: Report, receipt: Receipt, coordinator: User, moderator: User
) -> None:
    """Shown to fail by asking for the grant alone in `access.must_open`."""
    file = cleaned(attach(receipt, "note.txt", b"He posts every Friday."))
    access.share(actor=coordinator, report=held, user=moderator, reason="Works on it")
    RoleGrant.objects.create(user=moderator, role=Role.CUSTODIAN, reason="Late shift")
    with pytest.raises(NotAllowed, match="custodian"):
        opening.open_clean(actor=User.objects.get(pk=moderator.pk), file=file, reason="To look")
