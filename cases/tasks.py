"""Background work of the desk. Each task calls one function and may run twice unharmed."""

from celery import shared_task

from cases import pipeline


@shared_task(soft_time_limit=840, time_limit=870)
def sweep() -> None:
    """Screen what was not screened yet, and open the cases that follow."""
    pipeline.sweep()
