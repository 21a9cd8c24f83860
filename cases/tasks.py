"""Background work of the desk. Each task calls one function and may run twice unharmed."""

from celery import shared_task

from accounts.actors import SWEEPER
from cases import keepers, pipeline


@shared_task(soft_time_limit=840, time_limit=870)
def sweep() -> None:
    """Screen what was not screened yet, and open the cases that follow."""
    pipeline.sweep()


@shared_task
def give_keepers() -> None:
    """Open cases of reports that nobody could open any more to those who manage access."""
    keepers.give_keepers(actor=SWEEPER)
