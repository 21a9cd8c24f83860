"""What the worker does for reports. No task carries anything of one in its arguments."""

import uuid

from celery import shared_task

from intake import retention
from intake.attachments import cleaning, sweeping
from intake.retention import RETENTION
from intake.vault import ending

FIND_FILES_SECONDS = 10.0


@shared_task
def sweep_traces() -> None:
    """Erase what ended of reporters' visits, and the files that came with them."""
    retention.sweep_traces()
    sweeping.sweep_files()


@shared_task
def end_what_is_over() -> None:
    """Delete reports whose time is over, close unopened inboxes, return unheld reports."""
    retention.expire(actor=RETENTION)
    cleaning.record(actor=RETENTION)


@shared_task
def find_files_to_clean() -> None:
    """Find the files that wait. The next round finds again what no worker took in time."""
    for file in cleaning.due():
        clean_file.apply_async((str(file),), expires=FIND_FILES_SECONDS)


@shared_task
def clean_file(file: str) -> None:
    """Make the clean copy of one file."""
    cleaning.clean(file=uuid.UUID(file))


@shared_task
def end_releases() -> None:
    """Seal again what could be seen for 72 hours, and end requests that are over."""
    ending.end_requests(actor=RETENTION)
