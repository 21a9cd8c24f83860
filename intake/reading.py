"""Open a report at the desk, answer its reporter, close it.

Each opening takes a grant in force and a reason, and is recorded in the same transaction. The
content lives in memory for one answer, which no cache keeps.
"""

import json
import uuid
from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from accounts.models import User
from intake import access, envelopes
from intake.attachments import opening
from intake.attachments.opening import Shown
from intake.columns import today
from intake.desk_keys import changed, report_key
from intake.envelopes import NotOpened
from intake.inbox import Line
from intake.models import Message, Report
from intake.refusals import require_reason_to_open
from intake.submission import message_place, report_place


@dataclass(frozen=True, slots=True, repr=False)
class OpenedReport:
    """A report in the clear. It never shows in a repr. `is_whole` is false where any is lost."""

    accounts: str
    why: str
    person: str
    narrative: str
    languages: list[str]
    summary: str
    lines: list[Line]
    files: list[Shown]
    is_whole: bool


@transaction.atomic
def read(*, actor: User, report: Report, reason: str) -> OpenedReport:
    """Open a report. Raises `NotAllowed`, `ReasonMissing` and `NotReadable`."""
    report = access.locked(report)
    access.must_open(actor, report, reason)
    key = report_key(report)

    def opened(column: str) -> str:
        sealed = bytes(getattr(report, column))
        return envelopes.unseal(key, sealed, report_place(report.pk, column))

    try:
        accounts = json.loads(opened("accounts"))
        counted = int(opened("message_count"))
        lines = [_opened_line(key, message) for message in report.messages.all()]
        content = OpenedReport(
            accounts=accounts["accounts"],
            why=accounts["why"],
            person=opened("person"),
            narrative=opened("narrative"),
            languages=json.loads(opened("languages")),
            summary=opened("summary"),
            lines=lines,
            files=opening.listed(report, key),
            is_whole=[line.number for line in lines] == list(range(1, counted + 1)),
        )
    except NotOpened as error:
        raise changed(report) from error
    audit.record(actor=actor, verb="read_report", target=report, reason=reason)
    return content


@transaction.atomic
def reply(*, actor: User, report: Report, text: str) -> Message:
    """Write to the reporter. The message waits sealed in the inbox; nothing is sent anywhere."""
    report = access.locked(report)
    access.must_hold(actor, report)
    key = report_key(report)
    count_place = report_place(report.pk, "message_count")
    try:
        number = int(envelopes.unseal(key, bytes(report.message_count), count_place)) + 1
    except NotOpened as error:
        raise changed(report) from error
    row = uuid.uuid4()
    place = message_place(report.pk, row, number, from_desk=True)
    message = Message.objects.create(
        id=row,
        report=report,
        number=number,
        from_desk=True,
        text=envelopes.seal(key, text, place),
    )
    report.message_count = envelopes.seal(key, str(number), count_place)
    report.save(update_fields=["message_count"])
    audit.record(actor=actor, verb="reply_to_report", target=report, changes={"message": number})
    return message


@transaction.atomic
def summarise(*, actor: User, report: Report, text: str) -> None:
    """Keep what the people of a case may know, in the coordinator's own words. Sealed too."""
    report = access.locked(report)
    access.must_hold(actor, report)
    key = report_key(report)
    report.summary = envelopes.seal(key, text, report_place(report.pk, "summary"))
    report.save(update_fields=["summary"])
    audit.record(actor=actor, verb="summarise_report", target=report)


@transaction.atomic
def read_summary(*, actor: User, report: Report, reason: str) -> str:
    """Open the coordinator's summary and nothing else, for the people of a case.

    Who those are is for the caller to know: this room knows no cases.
    Raises `NotAllowed`, `ReasonMissing` and `NotReadable`.
    """
    report = access.locked(report)
    access.must_be_no_custodian(actor, report)
    require_reason_to_open(report, reason)
    place = report_place(report.pk, "summary")
    try:
        summary = envelopes.unseal(report_key(report), bytes(report.summary), place)
    except NotOpened as error:
        raise changed(report) from error
    audit.record(actor=actor, verb="read_report_summary", target=report, reason=reason)
    return summary


@transaction.atomic
def close(*, actor: User, report: Report, outcome: Report.Outcome) -> None:
    """Close a report with the outcome its reporter reads. It is deleted 180 days later."""
    report = access.locked(report)
    access.must_hold(actor, report)
    report.outcome = outcome
    report.closed_on = today()
    _move_with(report, Report.State.CLOSED)
    audit.record(
        actor=actor, verb="close_report", target=report, changes={"outcome": outcome.value}
    )


@transaction.atomic
def reopen(*, actor: User, report: Report) -> None:
    """Take a closed report in hand again."""
    report = access.locked(report)
    access.must_hold(actor, report)
    report.outcome = ""
    report.closed_on = None
    _move_with(report, Report.State.IN_HAND)
    audit.record(actor=actor, verb="reopen_report", target=report)


def _move_with(report: Report, state: Report.State) -> None:
    access.check_move(report, state)
    report.state = state
    report.save(update_fields=["state", "outcome", "closed_on"])


def _opened_line(key: bytes, message: Message) -> Line:
    place = message_place(
        message.report_id, message.pk, message.number, from_desk=message.from_desk
    )
    text = envelopes.unseal(key, bytes(message.text), place)
    return Line(message.number, message.from_desk, message.day, text)
