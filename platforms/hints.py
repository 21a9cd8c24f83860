"""Tell a worker that there is work. A hint may be lost: beat finds the work in PostgreSQL too."""

from __future__ import annotations

from functools import partial

from celery import current_app
from django.db import transaction

SEND_DUE_ENFORCEMENTS = "platforms.tasks.send_due_enforcements"
HINT_EXPIRES_SECONDS = 60


def hint_enforcements_due() -> None:
    """Once this transaction is committed, ask a worker to send what is due."""
    send = partial(
        current_app.send_task,
        SEND_DUE_ENFORCEMENTS,
        queue="enforcement",
        expires=HINT_EXPIRES_SECONDS,
        ignore_result=True,
    )
    # Robust: a broker that is away must not fail what was committed.
    transaction.on_commit(send, robust=True)
