"""Cases in numbers, for tests of the queue's reads alone."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from cases.models import Case


def add_cases(count: int, **fields: object) -> list[Case]:
    """Write bare cases, the first one due first. What a verb opens is tested elsewhere."""
    now = timezone.now()
    return Case.objects.bulk_create(
        Case(
            **{
                "kind": Case.Kind.MATCH,
                "question": "Is it them?",
                "opened_because": "A name",
                "due_at": now + timedelta(hours=number + 1),
                **fields,
            }
        )
        for number in range(count)
    )


def numbers(cases: Iterable[Case]) -> list[int]:
    return [case.pk for case in cases]
