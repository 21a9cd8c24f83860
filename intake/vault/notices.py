"""What a reporter learns of a request for their identity, and what they answer.

As everything of the inbox, it goes through doors that ask for the lookup id. No time of an
answer is kept.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from intake.inbox import OpenInbox
from intake.models.vault import IdentityRequest

Answer = IdentityRequest.Answer
# What the buttons of the inbox send.
ANSWERS = {"object": Answer.OBJECTION, "consent": Answer.CONSENT}


@dataclass(frozen=True, slots=True)
class Notice:
    """The latest request, as its reporter may know of it."""

    request: uuid.UUID
    state: IdentityRequest.State
    answer: Answer
    is_emergency: bool
    objections_until: datetime
    visible_until: datetime | None


def latest(inbox: OpenInbox) -> Notice | None:
    """Return the latest request, or None where there never was one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT request, state, answer, is_emergency, objections_until, visible_until "
            "FROM intake_identity_notice(%s)",
            [inbox.lookup_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    request, state, answer, *rest = row
    return Notice(request, IdentityRequest.State(state), Answer(answer), *rest)


def answer(inbox: OpenInbox, answer: Answer, *, to: str) -> bool:
    """Consent or object to the request of that id. False where it does not wait any more."""
    notice = latest(inbox)
    if notice is None or str(notice.request) != to:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT intake_identity_answer(%s, %s, %s)",
            [inbox.lookup_id, notice.request, answer],
        )
        (taken,) = cursor.fetchone()
    return bool(taken)
