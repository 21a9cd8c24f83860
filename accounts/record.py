"""Read the record: filters, pages at any size, and lines for an export."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import AuditEvent, User

EVENTS_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show. Empty means everything. Days are UTC, both included."""

    person: str = ""
    verb: str = ""
    about: str = ""
    request_id: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def matching(self) -> QuerySet[AuditEvent]:
        events = AuditEvent.objects.all()
        if self.person:
            # Looked up first: one condition over both kinds of actor would read every event.
            user = User.objects.filter(email__iexact=self.person).first()
            actor = {"actor_user": user} if user else {"actor_service": self.person}
            events = events.filter(**actor)
        if self.verb:
            events = events.filter(verb=self.verb)
        if self.about:
            events = events.about(self.about)
        if self.request_id:
            events = events.filter(request_id=self.request_id)
        if self.first_day:
            events = events.filter(at__gte=_midnight(self.first_day))
        if self.last_day:
            events = events.filter(at__lt=_midnight(self.last_day + timedelta(days=1)))
        return events


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of events, newest first, and the keys of the pages beside it."""

    events: list[AuditEvent]
    newer: int | None
    older: int | None


def page(filters: Filters, *, before: int | None = None, after: int | None = None) -> RecordPage:
    """Return the events with ids below `before`, or above `after`, or the newest.

    Pages go by the id and not by a count, so the last page costs what the first one does.
    """
    events = filters.matching().select_related("actor_user", "seal")
    if after is not None:
        found = list(events.filter(pk__gt=after).order_by("pk")[: EVENTS_PER_PAGE + 1])
        more, found = len(found) > EVENTS_PER_PAGE, found[:EVENTS_PER_PAGE][::-1]
        newer, older = (found[0].pk if more else None), (found[-1].pk if found else None)
        return RecordPage(found, newer, older)
    if before is not None:
        events = events.filter(pk__lt=before)
    found = list(events.order_by("-pk")[: EVENTS_PER_PAGE + 1])
    more, found = len(found) > EVENTS_PER_PAGE, found[:EVENTS_PER_PAGE]
    return RecordPage(
        found,
        newer=found[0].pk if found and before is not None else None,
        older=found[-1].pk if more else None,
    )


def facts(filters: Filters) -> Iterator[dict[str, Any]]:
    """Give every matching event in the order of its id, as an export writes it."""
    events = filters.matching().select_related("actor_user", "seal").order_by("pk")
    for event in events.iterator(chunk_size=2000):
        seal = getattr(event, "seal", None)
        yield {
            "id": event.pk,
            "uuid": str(event.uuid),
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": event.actor_user.email if event.actor_user else "",
            "service": event.actor_service,
            "verb": event.verb,
            "object": f"{event.object_type}:{event.object_id}",
            "about": event.about,
            "changes": event.changes,
            "reason": event.reason,
            "request_id": event.request_id,
            "seal_number": seal.number if seal else None,
            "seal_hash": seal.hash if seal else None,
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
