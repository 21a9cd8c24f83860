"""Promise 6: ciphertext moved to another row, column or report, cut or re-ordered is refused."""

import pytest
from django.db import connections

from accounts.models import User
from intake import access, inbox, reading
from intake.models import Message, Report
from intake.receipts import Receipt
from intake.refusals import NotReadable
from tests.intake.conftest import send
from tests.intake.zone import as_the_zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def sql(statement: str, *values: object) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, values)


def the_reporter_reads(receipt: Receipt) -> inbox.Contents:
    with as_the_zone():
        return inbox.read(inbox.open_with(receipt))


@pytest.fixture
def talked(sent: tuple[Receipt, Report], coordinator: User) -> tuple[Receipt, Report]:
    """A claimed report with three messages."""
    receipt, report = sent
    access.claim(actor=coordinator, report=report)
    for text in ("First", "Second", "Third"):
        reading.reply(actor=coordinator, report=report, text=text)
    return receipt, report


def test_a_field_of_another_report_does_not_open(
    talked: tuple[Receipt, Report], coordinator: User
) -> None:
    """Each report has a key of its own, so this holds twice: by the key and by the binding."""
    _, other = send("Something else")
    sql("UPDATE intake_report SET narrative = %s WHERE id = %s", other.narrative, talked[1].pk)
    with pytest.raises(NotReadable):
        reading.read(actor=coordinator, report=talked[1], reason="To check")


def test_a_field_in_another_column_does_not_open(
    talked: tuple[Receipt, Report], coordinator: User
) -> None:
    """Shown to fail by leaving the column out of `Place.binding`."""
    sql("UPDATE intake_report SET person = narrative WHERE id = %s", talked[1].pk)
    with pytest.raises(NotReadable):
        reading.read(actor=coordinator, report=talked[1], reason="To check")


def test_messages_that_changed_places_are_told(
    talked: tuple[Receipt, Report], coordinator: User
) -> None:
    """Shown to fail by leaving row and position out of `Place.binding`."""
    receipt, report = talked
    first, second = report.messages.filter(number__lte=2)
    sql("UPDATE intake_message SET text = %s WHERE id = %s", second.text, first.pk)
    sql("UPDATE intake_message SET text = %s WHERE id = %s", first.text, second.pk)
    assert not the_reporter_reads(receipt).is_whole
    with pytest.raises(NotReadable):
        reading.read(actor=coordinator, report=report, reason="To check")


def test_numbers_that_changed_places_are_told(talked: tuple[Receipt, Report]) -> None:
    receipt, report = talked
    sql("UPDATE intake_message SET number = 9 WHERE report_id = %s AND number = 1", report.pk)
    sql("UPDATE intake_message SET number = 1 WHERE report_id = %s AND number = 2", report.pk)
    sql("UPDATE intake_message SET number = 2 WHERE report_id = %s AND number = 9", report.pk)
    assert not the_reporter_reads(receipt).is_whole


def test_a_cut_tail_is_told_to_both(talked: tuple[Receipt, Report], coordinator: User) -> None:
    """Shown to fail by counting rows instead of opening `message_count`."""
    receipt, report = talked
    Message.objects.using("owner").filter(report=report, number=3).delete()
    assert not the_reporter_reads(receipt).is_whole
    assert not reading.read(actor=coordinator, report=report, reason="To check").is_whole


def test_the_desk_cannot_speak_as_the_reporter(talked: tuple[Receipt, Report]) -> None:
    """Shown to fail by leaving who wrote out of `message_place`."""
    receipt, report = talked
    sql("UPDATE intake_message SET from_desk = false WHERE report_id = %s", report.pk)
    contents = the_reporter_reads(receipt)
    assert contents.lines == []
    assert not contents.is_whole


def test_a_wrap_of_another_report_opens_nothing(talked: tuple[Receipt, Report]) -> None:
    receipt, report = talked
    _, other = send("Something else")
    moved = other.wraps.get(holder="reporter")
    sql(
        "UPDATE intake_keywrap SET wrapped = %s WHERE report_id = %s AND holder = 'reporter'",
        moved.wrapped,
        report.pk,
    )
    with pytest.raises(inbox.NothingThere):
        the_reporter_reads(receipt)
