"""Reports as the reporters' side sends them. The desk's own role in the database can send none."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import Model
from django.test import override_settings

from intake import proofs, submission
from intake.models import Report, SpentChallenge
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
