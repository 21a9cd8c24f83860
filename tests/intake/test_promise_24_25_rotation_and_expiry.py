"""Promises 24 and 25: after rotation every report is read; what expired is gone for good."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.actors import COMMAND_LINE
from accounts.models import AuditEvent, User
from intake import access, epochs, inbox, reading, retention, rotation, terms
from intake.columns import today
from intake.models import KeyWrap, Message, Report, ReportGrant
from intake.receipts import Receipt
from intake.refusals import NotReadable
from intake.rotation import EpochInUse, Folders
from tests.intake.conftest import NARRATIVE, send
from tests.intake.zone import as_the_zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def rotate(folders: Folders) -> int:
    rotation.begin_next(actor=COMMAND_LINE, folders=folders)
    return rotation.rewrap_all(actor=COMMAND_LINE, folders=folders)


def aged(report: Report, **days: int) -> None:
    then = {name: today() - timedelta(days=number) for name, number in days.items()}
    Report.objects.using("owner").filter(pk=report.pk).update(**then)


def test_after_a_rotation_every_report_is_read_by_the_new_key(
    sent: tuple[Receipt, Report], coordinator: User, keys: Folders
) -> None:
    assert rotate(keys) == 1
    current = epochs.current_epoch(keys.public).kid
    assert set(KeyWrap.objects.filter(holder="desk").values_list("kid", flat=True)) == {current}
    access.claim(actor=coordinator, report=sent[1])
    opened = reading.read(actor=coordinator, report=sent[1], reason="To check")
    assert opened.narrative == NARRATIVE


def test_an_interrupted_rotation_goes_on(
    keys: Folders, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail by ending `rewrap_all` after its first batch."""
    for _ in range(5):
        send()
    monkeypatch.setattr(rotation, "BATCH", 2)
    rotation.begin_next(actor=COMMAND_LINE, folders=keys)
    current = epochs.current_epoch(keys.public)
    assert rotation._rewrap_batch(current, keys) == 2
    assert rotation.rewrap_all(actor=COMMAND_LINE, folders=keys) == 3
    assert rotation.rewrap_all(actor=COMMAND_LINE, folders=keys) == 0
    for report in Report.objects.all():
        access.claim(actor=coordinator, report=report)
        assert reading.read(actor=coordinator, report=report, reason="To check").is_whole


def test_opening_an_inbox_moves_it_to_the_current_epoch(
    sent: tuple[Receipt, Report], keys: Folders
) -> None:
    rotate(keys)
    with as_the_zone():
        inbox.open_with(sent[0])
    wrap = KeyWrap.objects.get(holder="reporter")
    assert wrap.kid == epochs.current_epoch(keys.public).kid
    with as_the_zone():
        assert inbox.read(inbox.open_with(sent[0])).is_whole


def test_an_epoch_with_a_live_report_is_not_destroyed(
    sent: tuple[Receipt, Report], keys: Folders
) -> None:
    old = epochs.current_epoch(keys.public).kid
    with pytest.raises(EpochInUse):
        rotation.destroy(actor=COMMAND_LINE, folders=keys, kid=old, may_be_lost=set())
    rotate(keys)
    with pytest.raises(EpochInUse, match=str(sent[1].pk)):
        rotation.destroy(actor=COMMAND_LINE, folders=keys, kid=old, may_be_lost=set())
    assert epochs.private_key(keys.private, old)


def test_an_old_dump_and_a_receipt_yield_nothing_once_the_epoch_is_destroyed(
    sent: tuple[Receipt, Report], coordinator: User, keys: Folders
) -> None:
    """Shown to fail by leaving the pepper's file in `epochs.destroy_epoch`."""
    old = epochs.current_epoch(keys.public).kid
    dumped = list(KeyWrap.objects.all())
    rotate(keys)
    rotation.destroy(actor=COMMAND_LINE, folders=keys, kid=old, may_be_lost={sent[1].pk})
    KeyWrap.objects.using("owner").all().delete()
    KeyWrap.objects.using("owner").bulk_create(dumped)
    access.claim(actor=coordinator, report=sent[1])
    with as_the_zone(), pytest.raises(inbox.NothingThere):
        inbox.open_with(sent[0])
    with pytest.raises(NotReadable):
        reading.read(actor=coordinator, report=sent[1], reason="To check")
    assert not list(keys.private.glob(f"{old}*"))
    assert not list(keys.public.glob(f"{old}*"))


def test_reports_go_when_their_time_is_over(keys: Folders, coordinator: User) -> None:
    """Shown to fail by one day more: `__lte` in `retention._due_reports`."""
    (_, kept), (_, unclaimed), (_, closed) = send(), send(), send()
    aged(kept, waiting_since=terms.UNCLAIMED_DAYS)
    aged(unclaimed, waiting_since=terms.UNCLAIMED_DAYS + 1)
    access.claim(actor=coordinator, report=closed)
    reading.reply(actor=coordinator, report=closed, text="Thank you")
    reading.close(actor=coordinator, report=closed, outcome=Report.Outcome.ACTED)
    aged(closed, closed_on=terms.CLOSED_DAYS + 1)

    assert retention.due().reports == 2
    assert retention.expire(actor=COMMAND_LINE).reports == 2
    assert list(Report.objects.all()) == [kept]
    assert not Message.objects.exists()
    assert not ReportGrant.objects.exists()
    assert set(KeyWrap.objects.values_list("report", flat=True)) == {kept.pk}
    assert AuditEvent.objects.filter(verb="expire_report").count() == 2


def test_a_handed_back_report_has_its_days_again(report: Report, coordinator: User) -> None:
    aged(report, day=200, waiting_since=200)
    access.claim(actor=coordinator, report=report)
    access.hand_back(actor=coordinator, report=report, reason="Not my languages")
    assert retention.expire(actor=COMMAND_LINE).reports == 0


def test_a_report_whose_claim_ended_by_time_is_returned(report: Report, coordinator: User) -> None:
    access.claim(actor=coordinator, report=report)
    grant = ReportGrant.objects.get()
    ReportGrant.objects.using("owner").filter(pk=grant.pk).update(
        granted_at=grant.granted_at - timedelta(days=60),
        ends_at=grant.granted_at - timedelta(days=30),
    )
    assert retention.expire(actor=COMMAND_LINE).returned_reports == 1
    report.refresh_from_db()
    assert report.state == Report.State.WAITING


def test_an_inbox_nobody_opened_closes(sent: tuple[Receipt, Report]) -> None:
    KeyWrap.objects.using("owner").update(
        day=today() - timedelta(days=terms.UNOPENED_INBOX_DAYS + 1)
    )
    assert retention.expire(actor=COMMAND_LINE).unopened_inboxes == 1
    with as_the_zone(), pytest.raises(inbox.NothingThere):
        inbox.open_with(sent[0])


def test_the_commands_say_what_they_do(keys: Folders) -> None:
    send()
    said = StringIO()
    call_command("intake_keys", "init", stdout=said)
    call_command("intake_keys", "rotate", stdout=said)
    call_command("intake_keys", "status", stdout=said)
    call_command("intake_retention", "--dry-run", stdout=said)
    assert "there already" in said.getvalue()
    assert "Moved 1 reports" in said.getvalue()
    assert "retired    desk 0  reporters 1" in said.getvalue()
    assert "Would delete 0 reports" in said.getvalue()
    with pytest.raises(CommandError, match="in use"):
        call_command("intake_keys", "destroy", epochs.current_epoch(keys.public).kid)
