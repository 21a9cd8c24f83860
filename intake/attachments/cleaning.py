"""Make clean copies of the files that came with reports, and destroy their originals.

The rows say what is due; a message is a hint. One worker at a time has a file: it holds a lock
of its database session, so a killed worker lets go at once. What is wrong with the file settles
it. What is wrong with this machine (no key, no scanner) leaves it waiting.
"""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from django.db import connection, transaction
from django.db.models import F

from accounts import audit
from accounts.actors import Actor
from intake.attachments import sandbox, scanner, sealed, store, streams
from intake.attachments.refused import Refused, Why
from intake.attachments.sealed import Details, Finding
from intake.desk_keys import report_key
from intake.envelopes import NotOpened
from intake.models import Attachment, Report
from intake.models.attachments import ATTACHMENT_TRANSITIONS
from intake.refusals import NotReadable

# A process that was killed may have been killed by chance.
MOST_TRIES = 3

State = Attachment.State


class Superseded(Exception):
    """The file is gone, or settled: a reporter deleted it while it was worked on."""


log = structlog.get_logger(__name__)


def due() -> list[uuid.UUID]:
    """The files that wait for their clean copy, in no order of arrival."""
    waiting = Attachment.objects.filter(state=State.WAITING, report__isnull=False)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def clean(*, file: uuid.UUID) -> None:
    """Make the clean copy of one file, or find why there can be none. Safe to call again."""
    with _alone_with(file) as is_mine:
        waiting = Attachment.objects.filter(pk=file, state=State.WAITING, report__isnull=False)
        attachment = waiting.select_related("report").first()
        if not is_mine or attachment is None or attachment.report is None:
            return
        try:
            _settle(attachment, report_key(attachment.report))
        except Superseded:
            return
        except (NotReadable, scanner.ScannerDown) as error:
            # Without its name: the log must not tell which report has files.
            log.warning("a file waits", why=type(error).__name__)


def _settle(attachment: Attachment, key: bytes) -> None:
    assert attachment.report_id is not None  # noqa: S101  `clean` asks for files of reports
    where = partial(sealed.place, attachment.report_id, attachment.pk)
    try:
        details = sealed.open_details(key, bytes(attachment.details), where("details"))
        with store.opened(attachment.original) as original:
            data = streams.open_whole(streams.file_key(key, where("original")), original.read)
        if hashlib.sha256(data).hexdigest() != details.sha256:
            raise NotOpened
    except (NotOpened, FileNotFoundError):
        # Kept as it lies: somebody will want to see what was changed.
        _write(attachment, key, State.REFUSED, Finding(Why.CHANGED), keeps_original=True)
        return
    try:
        scanner.scan(data)
        rebuilt = _rebuilt(attachment, details, data)
    except Refused as refused:
        finding = Finding(refused.why)
        _write(attachment, key, State.REFUSED, finding, keeps_original=details.keeps_original)
        return
    except sandbox.Died:
        return
    finding = Finding(None, len(rebuilt), hashlib.sha256(rebuilt).hexdigest())
    unfinished = store.Unfinished()
    try:
        streams.seal_whole(streams.file_key(key, where("cleaned")), rebuilt, unfinished.write)
        unfinished.complete()
        attachment.cleaned = unfinished.name
        _write(attachment, key, State.CLEAN, finding, keeps_original=details.keeps_original)
        unfinished.keep()
    finally:
        unfinished.close()


def _rebuilt(attachment: Attachment, details: Details, data: bytes) -> bytes:
    """The clean copy. The try is counted before it begins: it may take this worker with it."""
    if attachment.tries >= MOST_TRIES:
        raise Refused(Why.BEYOND_LIMITS)
    Attachment.objects.filter(pk=attachment.pk).update(tries=F("tries") + 1)
    return sandbox.rebuild(details.kind, data).clean


@transaction.atomic
def _write(
    attachment: Attachment, key: bytes, state: State, finding: Finding, *, keeps_original: bool
) -> None:
    """Write what became of a file. Its original goes once that is committed."""
    locked = Attachment.objects.select_for_update().filter(pk=attachment.pk).first()
    # Its reporter may have deleted the report meanwhile: nothing is left to write.
    if locked is None or state not in ATTACHMENT_TRANSITIONS[State(locked.state)]:
        raise Superseded
    assert locked.report_id is not None  # noqa: S101  a waiting file of a session is not due
    where = sealed.place(locked.report_id, locked.pk, "finding")
    locked.state = state
    locked.cleaned = attachment.cleaned
    locked.finding = sealed.seal_finding(key, finding, where)
    if not keeps_original:
        transaction.on_commit(partial(store.destroy, [locked.original]))
        locked.original = ""
    locked.save(update_fields=["state", "cleaned", "finding", "original"])


def record(*, actor: Actor) -> int:
    """Put on record what became of the files of each report. Return how many reports.

    By night, and not when it happens: files are cleaned within seconds of their arrival, and
    an event at that moment would tell when their reporter was online.
    """
    unrecorded = Attachment.objects.exclude(state=State.WAITING).filter(is_recorded=False)
    reports = Report.objects.filter(pk__in=unrecorded.values("report")).order_by("pk")
    return sum(_record_of(actor, report) for report in reports)


@transaction.atomic
def _record_of(actor: Actor, report: Report) -> bool:
    unrecorded = report.attachments.exclude(state=State.WAITING).filter(is_recorded=False)
    files = list(unrecorded.select_for_update())
    counts = {state.value: sum(file.state == state for file in files) for state in State}
    changes = {state: count for state, count in counts.items() if count}
    changes["originals_destroyed"] = sum(not file.original for file in files)
    report.attachments.filter(pk__in=[file.pk for file in files]).update(is_recorded=True)
    audit.record(actor=actor, verb="clean_report_files", target=report, changes=changes)
    return True


@contextmanager
def _alone_with(file: uuid.UUID) -> Iterator[bool]:
    """Yield whether this process has the file to itself until the block ends."""
    name = int.from_bytes(file.bytes[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [name])
        (is_mine,) = cursor.fetchone()
        try:
            yield is_mine
        finally:
            if is_mine:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [name])
