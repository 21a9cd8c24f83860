"""What Celery runs for this room. Each task calls one function and may run twice."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts import actors
from platforms import enforcement, profiles, reconcile, sweeper
from platforms.models import Platform

# A tick that waited so long has a younger one behind it.
TICK_EXPIRES_SECONDS = 10
PULL_EXPIRES_SECONDS = 60


@shared_task(soft_time_limit=240, time_limit=270)
def send_due_enforcements() -> None:
    """Send the actions that are due."""
    enforcement.send_due(actor=actors.EXECUTOR)


@shared_task(soft_time_limit=30, time_limit=45)
def reconcile_due() -> None:
    """Have each platform's held profiles read."""
    for platform in reconcile.platforms_to_read(timezone.now()):
        reconcile_platform.apply_async((platform.pk,), expires=TICK_EXPIRES_SECONDS)


@shared_task(soft_time_limit=240, time_limit=270)
def reconcile_platform(platform_id: int) -> None:
    """Read one platform's held profiles that are due."""
    reconcile.reconcile_due(actor=actors.RECONCILER, platform=Platform.objects.get(pk=platform_id))


@shared_task(soft_time_limit=30, time_limit=45)
def pull_due_platforms() -> None:
    """Have the accounts of each platform read whose time has come."""
    for platform_id in profiles.claim_platforms_to_pull(at=timezone.now()):
        pull_platform.apply_async((platform_id,), expires=PULL_EXPIRES_SECONDS)


@shared_task(soft_time_limit=840, time_limit=870)
def pull_platform(platform_id: int) -> None:
    """Read every account of one platform. One that does not answer is asked at its next time."""
    profiles.pull(actor=actors.PROFILE_PULL, platform=Platform.objects.get(pk=platform_id))


@shared_task(soft_time_limit=60, time_limit=90)
def sweep() -> None:
    """Find again what was left behind."""
    sweeper.sweep(actor=actors.SWEEPER)
