"""Background work on lists. A task takes a key, calls one verb, and may run twice unharmed."""

from celery import shared_task
from django.utils import timezone

from accounts.actors import LIST_SYNC
from sanctions import cadence
from sanctions.models import Source


@shared_task(soft_time_limit=30, time_limit=45)
def sync_due_sources() -> None:
    """Have each list synced whose cadence has passed."""
    for source_id in cadence.claim_due(at=timezone.now()):
        sync_source.apply_async((source_id,), expires=cadence.CLAIM.total_seconds())


@shared_task(soft_time_limit=840, time_limit=870)
def sync_source(source_id: int) -> None:
    """Sync one source from its publisher."""
    cadence.sync_at_cadence(actor=LIST_SYNC, source=Source.objects.get(pk=source_id))
