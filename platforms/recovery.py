"""Notice that the database was recovered, and send nothing until people have looked (rule 13).

What a recovered database says was sent may be older than what was: holds, restores and
readings since the backup are lost. PostgreSQL's own marks tell it: a dump carries the marks of
the database it was taken from, and a promoted or recovered cluster is on another timeline. A
snapshot of the whole machine carries them along, and nothing here can tell it.
"""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from accounts.actors import Actor
from platforms import outbound
from platforms.models import DatabaseIdentity, OutboundPause, Platform, Profile

REASON = (
    "The database was recovered. What was done since the backup is not known here. "
    "It goes on after every held account was read and two people looked."
)


def pause_if_recovered(*, actor: Actor) -> bool:
    """Pause every platform if this database is not the one it was. Tell whether it did.

    Each held account becomes due for reading, and no pause ends before they were read. A
    database that was never looked at is taken for what it is. Two queries where nothing moved.
    """
    marks = _marks()
    if DatabaseIdentity.objects.filter(**marks).exists():
        return False
    with transaction.atomic():
        identity, is_new = DatabaseIdentity.objects.select_for_update().get_or_create(
            pk=1, defaults=marks
        )
        if is_new or all(getattr(identity, mark) == value for mark, value in marks.items()):
            return False
        DatabaseIdentity.objects.update(**marks)
        _pause_all(actor=actor)
    return True


def _pause_all(*, actor: Actor) -> None:
    now = timezone.now()
    paused = set(
        OutboundPause.objects.in_force()
        .filter(platform__isnull=False)
        .values_list("platform_id", flat=True)
    )
    for platform in Platform.objects.filter(is_active=True).exclude(pk__in=paused).order_by("pk"):
        outbound.pause_outbound(actor=actor, platform=platform, reason=REASON)
    OutboundPause.objects.in_force().filter(platform__isnull=False).update(readings_since=now)
    Profile.objects.held().update(next_read_at=now)


def _marks() -> dict[str, str | int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (pg_control_system()).system_identifier::text, "
            "(pg_control_checkpoint()).timeline_id, "
            "(SELECT oid::bigint FROM pg_database WHERE datname = current_database())"
        )
        system_identifier, timeline, database_oid = cursor.fetchone()
    return {
        "system_identifier": system_identifier,
        "timeline": timeline,
        "database_oid": database_oid,
    }
