"""What runs by itself in this room. The work is in the modules named."""

from pathlib import Path

from celery import shared_task
from django.conf import settings

from accounts import anchors, sealing


@shared_task(time_limit=60, soft_time_limit=50)
def seal_audit_events() -> None:
    sealing.seal()


@shared_task(time_limit=60, soft_time_limit=50)
def export_audit_anchor() -> None:
    anchors.export(Path(settings.HOLDFAST_ANCHOR_FILE) if settings.HOLDFAST_ANCHOR_FILE else None)
