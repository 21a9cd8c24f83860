"""Files with reports, by the verbs of the zone and of the worker."""

from django.db import connection

from intake import inbox
from intake.attachments import arrivals, cleaning, sealed, store, streams
from intake.attachments.arriving import Arriving
from intake.attachments.sealed import Finding
from intake.desk_keys import report_key
from intake.models import Attachment, Report
from intake.receipts import Receipt
from tests.intake.zone import as_the_zone


def attach(receipt: Receipt, name: str, content: bytes, *, keep: bool = False) -> Attachment:
    """Add a file to a sent report, as its reporter does from the inbox."""
    with as_the_zone():
        folder = inbox.folder_of(inbox.open_with(receipt))
        assert folder
        arriving = Arriving(folder, name)
        arriving.add(content)
        arriving.finish()
        details = arriving.details(keeps_original=keep)
        arrivals.add(folder, file=arriving.id, details=details, stored=arriving.stored)
    return Attachment.objects.get(pk=arriving.id)


def cleaned(attachment: Attachment) -> Attachment:
    """Let the worker have the file once."""
    cleaning.clean(file=attachment.pk)
    attachment.refresh_from_db()
    return attachment


def content_of(attachment: Attachment, which: str) -> bytes:
    """Open the `original` or the `cleaned` content of a file, with the desk's key."""
    report = Report.objects.get(pk=attachment.report_id)
    place = sealed.place(report.pk, attachment.pk, which)
    with store.opened(getattr(attachment, which)) as stored:
        return streams.open_whole(streams.file_key(report_key(report), place), stored.read)


def finding_of(attachment: Attachment) -> Finding:
    """What became of a file, opened with the desk's key."""
    report = Report.objects.get(pk=attachment.report_id)
    place = sealed.place(report.pk, attachment.pk, "finding")
    return sealed.open_finding(report_key(report), bytes(attachment.finding), place)


def names_on_disk() -> set[str]:
    return {path.name for path in store.directory().iterdir()}


def locks_held() -> int:
    """How many files this connection has to itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        (held,) = cursor.fetchone()
    return int(held)
