"""Reports as the reporters' side sends them. The desk's own role in the database can send none.

Each has a file, with its clean copy and its original.
"""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model
from django.test import override_settings

from intake import proofs, submission
from intake.attachments import sealed, store, streams
from intake.attachments.kinds import Kind
from intake.attachments.sealed import Details, Finding
from intake.desk_keys import report_key
from intake.models import Attachment, Report, SpentChallenge
from intake.receipts import Script, lookup_digest
from intake.submission import Answers


class WriteAsOwner:
    """Let writes go through the role that owns the tables."""

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        return "owner"


@contextmanager
def sent(count: int) -> Iterator[list[Report]]:
    """So many reports, committed, and taken away again at the end."""
    with override_settings(DATABASE_ROUTERS=[WriteAsOwner()]):
        digests = [_send() for _ in range(count)]
    for report in Report.objects.filter(lookup_digest__in=digests):
        _add_file(report)
    try:
        yield list(Report.objects.filter(lookup_digest__in=digests))
    finally:
        Report.objects.using("owner").filter(lookup_digest__in=digests).delete()
        SpentChallenge.objects.using("owner").all().delete()


def _send() -> bytes:
    receipt = submission.submit(
        answers=Answers("relay.example/akhmat", "back", "Somebody", "Every Friday.", ("ru",)),
        script=Script.WORDS,
        challenge=proofs.new_challenge(),
    )
    return lookup_digest(receipt.lookup_id())


def _add_file(report: Report) -> None:
    key, file, text = report_key(report), uuid.uuid4(), b"What was seen."
    sha256 = hashlib.sha256(text).hexdigest()
    stored = {}
    for column in ("original", "cleaned"):
        unfinished = store.Unfinished()
        place = sealed.place(report.pk, file, column)
        streams.seal_whole(streams.file_key(key, place), text, unfinished.write)
        unfinished.complete()
        stored[column] = unfinished.name
    Attachment.objects.using("owner").create(
        id=file,
        report=report,
        state=Attachment.State.CLEAN,
        details=sealed.seal_details(
            key,
            Details("a.txt", Kind.TXT, len(text), sha256, keeps_original=True),
            sealed.place(report.pk, file, "details"),
        ),
        finding=sealed.seal_finding(
            key, Finding(None, len(text), sha256), sealed.place(report.pk, file, "finding")
        ),
        **stored,
    )
