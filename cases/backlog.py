"""How much waits: the numbers beside the queue, counted no further than a page says.

Each is one query that reads no more rows than it counts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count as Counted
from django.db.models import Max, Q

from cases import queue
from cases.keyset import Count
from cases.models.cases import CaseQuerySet


@dataclass(frozen=True, slots=True)
class Urgencies:
    """Cases by when they are due. Where the counting stopped, that group may hold more."""

    overdue: Count
    today: Count
    later: Count

    @property
    def total(self) -> Count:
        return self.overdue + self.today + self.later


def next_midnight(now: datetime) -> datetime:
    """The end of the day, UTC, up to which a case is due today."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def urgencies(cases: CaseQuerySet, now: datetime, *, limit: int) -> Urgencies:
    """Count the cases that are due first, up to `limit`, by group."""
    midnight = next_midnight(now)
    # One more than is counted: it tells that there are more, and in which group they begin.
    first = queue.KEYS[queue.Order.DUE].order(cases)[: limit + 1]
    found = first.aggregate(
        overdue=Counted("pk", filter=Q(due_at__lt=now)),
        today=Counted("pk", filter=Q(due_at__gte=now, due_at__lt=midnight)),
        later=Counted("pk", filter=Q(due_at__gte=midnight)),
        last=Max("due_at"),
    )
    numbers = [found["overdue"], found["today"], found["later"]]
    if sum(numbers) <= limit:
        return Urgencies(*map(Count, numbers))
    last = sum(found["last"] >= end for end in (now, midnight))
    numbers[last] -= 1
    return Urgencies(*(Count(number, place >= last) for place, number in enumerate(numbers)))
