"""Read every held profile at its cadence. What is read goes to `platforms.observations`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, DateTimeField, Value, When
from django.utils import timezone

from accounts.actors import Actor
from platforms import circuit, profiles
from platforms.connectors.base import (
    AccountReading,
    Connector,
    ConnectorRateLimited,
    ConnectorRefused,
    ConnectorUnavailable,
)
from platforms.connectors.registry import open_connector
from platforms.models import Platform, Profile
from platforms.models.profiles import ProfileQuerySet

DEFAULT_BATCH_SIZE = 100
LARGEST_BATCH_SIZE = profiles.BATCH_LIMIT


@dataclass
class Reconciliation:
    """How many held profiles were read, how many could not be, and what was in the way."""

    read: int = 0
    not_read: int = 0
    problem: str = ""


def platforms_to_read(at: datetime) -> list[Platform]:
    """The platforms in use that may be called now. A pause stops actions, not readings."""
    return list(Platform.objects.filter(circuit.closed(at), is_active=True).order_by("pk"))


def reconcile_due(*, actor: Actor, platform: Platform) -> Reconciliation:
    """Read the platform's held profiles that are due, those of high reach first.

    Safe to run many times at once. What could not be read is due again after its cadence,
    and after three of them it is shown as silent (rule 12).
    """
    report = Reconciliation()
    started_at = timezone.now()
    claimed: list[str] = []
    try:
        with open_connector(
            platform.connector, base_url=platform.base_url, token_reference=platform.token_reference
        ) as connector:
            while claimed := _claim(platform, due_at=started_at):
                readings = _read(connector, claimed)
                circuit.record_answer(platform_id=platform.pk)
                profiles.record_readings(actor=actor, platform=platform, readings=readings)
                report.read += len(readings)
                report.not_read += len(claimed) - len(readings)
    except ConnectorRateLimited as error:
        until = timezone.now() + timedelta(seconds=error.retry_after_seconds)
        circuit.wait(platform_id=platform.pk, until=until)
        report.problem = str(error)
    except ConnectorUnavailable as error:
        circuit.record_failure(platform_id=platform.pk, at=timezone.now())
        report.problem = str(error)
    if report.problem:
        report.not_read += len(claimed)
    return report


def _claim(platform: Platform, *, due_at: datetime) -> list[str]:
    """Take the next batch, and set its next reading now: a worker that dies delays it once."""
    size = platform.capabilities.get("batch_read_limit", DEFAULT_BATCH_SIZE)
    size = min(size, LARGEST_BATCH_SIZE)
    threshold = platform.high_reach_threshold
    now = timezone.now()
    with transaction.atomic():
        due = Profile.objects.due_for_reading(due_at).filter(platform=platform)
        taken = _take(due.filter(reach__gte=threshold), size)
        if len(taken) < size:
            taken += _take(due.filter(reach__lt=threshold), size - len(taken))
        Profile.objects.filter(pk__in=[pk for pk, _ in taken]).update(
            next_read_at=Case(
                When(
                    reach__gte=threshold,
                    then=Value(now + timedelta(seconds=platform.high_reach_cadence_seconds)),
                ),
                default=Value(now + timedelta(seconds=platform.cadence_seconds)),
                output_field=DateTimeField(),
            )
        )
    return [external_id for _, external_id in taken]


def _take(due: ProfileQuerySet, size: int) -> list[tuple[int, str]]:
    locked = due.select_for_update(skip_locked=True, no_key=True)
    return list(locked.values_list("pk", "external_id")[:size])


def _read(connector: Connector, external_ids: Sequence[str]) -> list[AccountReading]:
    """Read a batch in one call; one by one if the platform refuses the batch as a whole."""
    try:
        return list(connector.read_many(external_ids=external_ids).values())
    except ConnectorRefused:
        readings = []
        for external_id in external_ids:
            try:
                readings.append(connector.read(external_id=external_id))
            except ConnectorRefused:
                # It stays unread, and shows as such after three cadences.
                continue
        return readings
