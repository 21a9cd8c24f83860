"""Background work on lists. A task takes a key, calls one verb, and may run twice unharmed."""

from celery import shared_task

from accounts.actors import LIST_SYNC
from sanctions.models import Source
from sanctions.sync import sync


@shared_task(queue="sync")
def sync_source(source_id: int) -> None:
    """Sync one source from its publisher."""
    sync(actor=LIST_SYNC, source=Source.objects.get(pk=source_id))
