"""Take in profiles: rows of a batch, an import or a reading become profiles and versions.

Each observed change of who an account claims to be is a new version; what did not change
writes nothing. A row that cannot be taken is reported and the others are taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.actors import Actor
from accounts.refusals import Refusal
from platforms.connectors.base import AccountReading
from platforms.connectors.registry import open_connector
from platforms.models import Platform
from platforms.sightings import RowError, Sighting, UpsertResult, write_sightings

BATCH_LIMIT = 1000
PAGE_SIZE = 500
MOST_LINKS = 100
LARGEST_REACH = 2**63 - 1

# What a row calls a field (docs/connector-api.md), and what the profile calls it.
FIELD_NAMES = {
    "handle": "handle",
    "display_name": "display_name",
    "bio": "bio",
    "links": "links",
    "country": "country",
    "date_of_birth": "date_of_birth",
    "image_fingerprints": "image_fingerprints",
    "verified": "is_verified",
    "followers": "reach",
    "created_at": "account_created_at",
}
LONGEST = {
    "handle": 255,
    "display_name": 500,
    "bio": 20_000,
    "country": 80,
    "date_of_birth": 40,
}
LONGEST_ITEM = {"links": 2000, "image_fingerprints": 64}


class BatchTooLarge(Refusal):
    """More rows than one transaction takes."""

    code = "batch_too_large"


class RowRefused(Refusal):
    """One row that cannot be taken. The text names the field and says what it has to be."""

    code = "row_refused"


def upsert_profiles(
    *, actor: Actor, platform: Platform, rows: Sequence[Mapping[str, Any]]
) -> UpsertResult:
    """Take a batch of rows, each one account as docs/connector-api.md writes it.

    `id` and, for an account not known yet, `handle` are required; unknown names are ignored;
    a field left out stays as it was. The number of queries does not depend on the number
    of rows. Raises `BatchTooLarge` above 1,000 rows; a bad row is an entry in `errors`.
    """
    if len(rows) > BATCH_LIMIT:
        raise BatchTooLarge(f"Send at most {BATCH_LIMIT} rows at once, not {len(rows)}.")
    sightings: dict[str, tuple[int, Sighting]] = {}
    errors: list[RowError] = []
    for index, row in enumerate(rows):
        external_id = row.get("id") if isinstance(row, Mapping) else None
        shown_id = external_id[:255] if isinstance(external_id, str) else ""
        try:
            sighting = read_row(row)
            if sighting.external_id in sightings:
                raise RowRefused("id: an earlier row of this batch has the same one.")
        except RowRefused as refusal:
            errors.append(RowError(index, shown_id, str(refusal)))
        else:
            sightings[sighting.external_id] = (index, sighting)
    return write_sightings(actor=actor, platform=platform, sightings=sightings, errors=errors)


def record_readings(
    *, actor: Actor, platform: Platform, readings: Iterable[AccountReading]
) -> UpsertResult:
    """Take what a platform answered: profile fields, the observed state, and what follows.

    A held profile that is seen up becomes an incident (`platforms.observations`). A reading
    that is older than the last one changes nothing.
    """
    sightings: dict[str, tuple[int, Sighting]] = {}
    errors: list[RowError] = []
    for index, reading in enumerate(readings):
        try:
            sighting = _sighting_of(reading)
        except RowRefused as refusal:
            errors.append(RowError(index, reading.external_id[:255], str(refusal)))
            # What the account is called is not taken; what state it is in must not be lost.
            sighting = Sighting(reading.external_id, {}, reading)
        sightings[reading.external_id] = (index, sighting)
    return write_sightings(actor=actor, platform=platform, sightings=sightings, errors=errors)


@transaction.atomic
def claim_platforms_to_pull(*, at: datetime) -> list[int]:
    """Return the platforms whose accounts are to be read now, and set their next time.

    Two ticks at once give each platform out once. A paused platform is read all the same.
    """
    due = Platform.objects.filter(is_active=True, next_pull_at__lte=at)
    claimed = list(due.select_for_update(skip_locked=True, no_key=True))
    for platform in claimed:
        platform.next_pull_at = at + timedelta(minutes=platform.pull_cadence_minutes)
    Platform.objects.bulk_update(claimed, ["next_pull_at"])
    return [platform.pk for platform in claimed]


def pull(*, actor: Actor, platform: Platform) -> UpsertResult:
    """Read every account of the platform, page by page, each page in its own transaction.

    Raises `ConnectorUnavailable` when the platform stops answering; the pages before it
    are kept, and the next pull begins anew.
    """
    total = UpsertResult()
    with open_connector(
        platform.connector, base_url=platform.base_url, token_reference=platform.token_reference
    ) as connector:
        capabilities = connector.capabilities()
        Platform.objects.filter(pk=platform.pk).update(
            capabilities=asdict(capabilities) | {"actions": sorted(capabilities.actions)}
        )
        for page in connector.pages(page_size=min(PAGE_SIZE, capabilities.page_limit)):
            result = record_readings(actor=actor, platform=platform, readings=page.readings)
            result.errors += [
                RowError(len(page.readings) + n, "", problem)
                for n, problem in enumerate(page.problems)
            ]
            total.add(result)
    return total


def read_row(row: Any) -> Sighting:
    """Check one row of a batch. Raises `RowRefused`, naming the field."""
    if not isinstance(row, Mapping):
        raise RowRefused("A row is an object with an id.")
    external_id = row.get("id")
    if not isinstance(external_id, str) or not external_id or len(external_id) > 255:
        raise RowRefused("id: a text of 1 to 255 characters is needed.")
    _storable("id", external_id)
    fields = {
        ours: _value(theirs, row[theirs]) for theirs, ours in FIELD_NAMES.items() if theirs in row
    }
    return Sighting(external_id, fields)


def _sighting_of(reading: AccountReading) -> Sighting:
    row = {
        "id": reading.external_id,
        "handle": reading.handle,
        "display_name": reading.display_name,
        "bio": reading.bio,
        "links": list(reading.links),
        "country": reading.country,
        "date_of_birth": reading.date_of_birth,
        "image_fingerprints": list(reading.image_fingerprints),
        "verified": reading.is_verified,
        "followers": reading.followers,
    }
    if not reading.has_profile:
        return Sighting(reading.external_id, {}, reading)
    return Sighting(
        reading.external_id,
        {**read_row(row).fields, "account_created_at": reading.created_at},
        reading,
    )


def _value(name: str, value: Any) -> Any:
    """Check one field of a row and return it as the profile keeps it."""
    if name in LONGEST:
        if not isinstance(value, str) or len(value) > LONGEST[name]:
            raise RowRefused(f"{name}: a text of at most {LONGEST[name]} characters is needed.")
        if name == "handle" and not value:
            raise RowRefused("handle: it cannot be empty.")
        return _storable(name, value)
    if name in LONGEST_ITEM:
        longest = LONGEST_ITEM[name]
        if not isinstance(value, list) or len(value) > MOST_LINKS:
            raise RowRefused(f"{name}: a list of at most {MOST_LINKS} texts is needed.")
        if not all(isinstance(item, str) and len(item) <= longest for item in value):
            raise RowRefused(f"{name}: texts of at most {longest} characters are needed.")
        return [_storable(name, item) for item in value]
    if name == "verified":
        if not isinstance(value, bool):
            raise RowRefused("verified: true or false is needed.")
        return value
    if name == "followers":
        # bool is an int to Python, and not a number of followers.
        if isinstance(value, bool) or not isinstance(value, int):
            raise RowRefused("followers: a whole number is needed.")
        if not 0 <= value <= LARGEST_REACH:
            raise RowRefused("followers: a number from 0 is needed.")
        return value
    return _moment(name, value)


def _moment(name: str, value: Any) -> datetime | None:
    if value is None:
        return None
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        raise RowRefused(f"{name}: a time with an offset is needed, such as 2026-11-22T18:04:09Z.")
    return moment


def _storable(name: str, text: str) -> str:
    """Refuse what PostgreSQL cannot keep as text: a zero byte, half of a surrogate pair."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise RowRefused(f"{name}: it holds a character that cannot be stored.")
    return text
