"""What the worker does for reports. No task carries anything of one in its arguments."""

from celery import shared_task

from intake import retention
from intake.attachments import sweeping
from intake.retention import RETENTION


@shared_task
def sweep_traces() -> None:
    """Erase what ended of reporters' visits, and the files that came with them."""
    retention.sweep_traces()
    sweeping.sweep_files()


@shared_task
def end_what_is_over() -> None:
    """Delete reports whose time is over, close unopened inboxes, return unheld reports."""
    retention.expire(actor=RETENTION)
