"""One circuit per platform: after failures in a row, leave it alone for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, F, Q, Value, When

from platforms.models import Platform

FAILURES_UNTIL_OPEN = 5
OPEN_FOR_SECONDS = 30
"""Short enough that a mistaken restore is still seen within a minute of the recovery."""


def closed(at: datetime, *, prefix: str = "") -> Q:
    """The platforms that may be called now. `prefix` leads to the platform, as `profile__`."""
    return Q(**{f"{prefix}circuit_open_until__isnull": True}) | Q(
        **{f"{prefix}circuit_open_until__lte": at}
    )


def record_answer(*, platform_id: int) -> None:
    """The platform answered, with a yes or with a no: it is there."""
    Platform.objects.filter(pk=platform_id).exclude(
        failures_in_a_row=0, circuit_open_until=None
    ).update(failures_in_a_row=0, circuit_open_until=None)


def record_failure(*, platform_id: int, at: datetime) -> None:
    """The platform did not answer. After five in a row the next call waits 30 seconds."""
    Platform.objects.filter(pk=platform_id).update(
        failures_in_a_row=F("failures_in_a_row") + 1,
        circuit_open_until=Case(
            When(
                failures_in_a_row__gte=FAILURES_UNTIL_OPEN - 1,
                then=Value(at + timedelta(seconds=OPEN_FOR_SECONDS)),
            ),
            default=F("circuit_open_until"),
            output_field=DateTimeField(),
        ),
    )


def wait(*, platform_id: int, until: datetime) -> None:
    """The platform asked for patience: call it again from `until` on."""
    Platform.objects.filter(pk=platform_id).update(circuit_open_until=until)
