"""What the worker does for reports. No task carries anything of one in its arguments."""

from celery import shared_task

from intake import retention
from intake.retention import RETENTION
from intake.vault import ending


@shared_task
def sweep_traces() -> None:
    """Erase what ended of reporters' visits."""
    retention.sweep_traces()


@shared_task
def end_what_is_over() -> None:
    """Delete reports whose time is over, close unopened inboxes, return unheld reports."""
    retention.expire(actor=RETENTION)


@shared_task
def end_releases() -> None:
    """Seal again what could be seen for 72 hours, and end requests that are over."""
    ending.end_requests(actor=RETENTION)
