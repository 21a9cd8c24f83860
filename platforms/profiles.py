"""Take in profiles: rows of a batch, an import or a reading become profiles and versions.

Each observed change of who an account claims to be is a new version; what did not change
writes nothing. A row that cannot be taken is reported and the others are taken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts import audit
from accounts.actors import Actor
from accounts.refusals import Refusal
from platforms import observations
from platforms.connectors.base import AccountReading
from platforms.connectors.registry import open_connector
from platforms.models import Platform, Profile, ProfileVersion

BATCH_LIMIT = 1000
PAGE_SIZE = 500
MOST_LINKS = 100
LARGEST_REACH = 2**63 - 1

# Who an account claims to be. Reach moves all day and is no part of it.
IDENTITY_FIELDS = (
    "handle",
    "display_name",
    "bio",
    "links",
    "country",
    "date_of_birth",
    "image_fingerprints",
    "is_verified",
)

WRITTEN_FIELDS = (
    *IDENTITY_FIELDS,
    *("reach", "account_created_at", "version_number"),
    *("observed_state", "observed_at", "last_down_at", "next_read_at"),
)

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


@dataclass(frozen=True)
class RowError:
    """A row that was left out: its place in the batch (from 0), its id where it gave one, why."""

    index: int
    external_id: str
    message: str


@dataclass
class UpsertResult:
    """What a batch did. `profile_ids` are those with a new version, for whoever screens them."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    profile_ids: list[int] = field(default_factory=list)

    def add(self, other: UpsertResult) -> None:
        """Count another batch in. Its rows follow those counted so far."""
        rows_before = self.created + self.changed + self.unchanged + len(self.errors)
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.profile_ids += other.profile_ids
        self.errors += [
            RowError(rows_before + error.index, error.external_id, error.message)
            for error in other.errors
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "errors": [asdict(error) for error in self.errors],
        }


@dataclass(frozen=True)
class Sighting:
    """One account as somebody saw it. A field that was not given stays as it was."""

    external_id: str
    fields: Mapping[str, Any]
    reading: AccountReading | None = None


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
    return _write(actor=actor, platform=platform, sightings=sightings, errors=errors)


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
    return _write(actor=actor, platform=platform, sightings=sightings, errors=errors)


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
        for page in connector.pages(page_size=PAGE_SIZE):
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


def _write(
    *,
    actor: Actor,
    platform: Platform,
    sightings: Mapping[str, tuple[int, Sighting]],
    errors: list[RowError],
) -> UpsertResult:
    """Write a checked batch: lock the profiles, compare, write versions, judge, record."""
    result = UpsertResult(errors=errors)
    if not sightings:
        return result
    seen_at = timezone.now()
    with transaction.atomic():
        profiles = _lock_or_create(platform, [sighting for _, sighting in sightings.values()])
        before = {profile.pk: _row(profile) for profile in profiles.values()}
        readings: dict[int, AccountReading] = {}
        versions: list[ProfileVersion] = []
        for external_id, (index, sighting) in sightings.items():
            profile = profiles.get(external_id)
            if profile is None:
                if sighting.reading is None:
                    errors.append(RowError(index, external_id, "handle: a new account needs one."))
                continue
            if sighting.reading is not None:
                if _is_late(profile, sighting.reading):
                    result.unchanged += 1
                    continue
                readings[profile.pk] = sighting.reading
            version = _take(profile, sighting, seen_at=seen_at)
            if version is None:
                result.unchanged += 1
                continue
            versions.append(version)
            if version.number == 1:
                result.created += 1
            else:
                result.changed += 1
        errors.sort(key=lambda error: error.index)
        locked = {profile.pk: profile for profile in profiles.values()}
        judgement = observations.judge(platform=platform, profiles=locked, readings=readings)
        _save([profile for pk, profile in locked.items() if _row(profile) != before[pk]])
        ProfileVersion.objects.bulk_create(versions)
        result.profile_ids = [version.profile_id for version in versions]
        if versions:
            audit.record(
                actor=actor,
                verb="profiles.recorded",
                target=platform,
                changes={
                    "created": result.created,
                    "changed": result.changed,
                    "first_version": versions[0].pk,
                    "last_version": versions[-1].pk,
                },
            )
        observations.act_on(judgement, actor=actor)
    return result


def _lock_or_create(platform: Platform, sightings: Sequence[Sighting]) -> dict[str, Profile]:
    """Return the profiles of these accounts, locked in one order, made where one has a handle.

    Everyone inserts by id and locks by key, so that two batches wait for each other and
    never both.
    """
    Profile.objects.bulk_create(
        [
            Profile(platform=platform, external_id=s.external_id, handle=s.fields["handle"])
            for s in sorted(sightings, key=lambda s: s.external_id)
            if "handle" in s.fields
        ],
        ignore_conflicts=True,
    )
    locked = (
        Profile.objects.filter(
            platform=platform, external_id__in=[s.external_id for s in sightings]
        )
        .order_by("pk")
        .select_for_update(no_key=True)
    )
    return {profile.external_id: profile for profile in locked}


def _is_late(profile: Profile, reading: AccountReading) -> bool:
    """Tell whether the account was read again, and recorded, since this reading was asked for."""
    return profile.observed_at is not None and reading.read_at <= profile.observed_at


def _take(profile: Profile, sighting: Sighting, *, seen_at: datetime) -> ProfileVersion | None:
    """Put what was seen into the profile. Return the new version, if it claims anything new."""
    before = _identity(profile)
    for name, value in sighting.fields.items():
        setattr(profile, name, value)
    after = _identity(profile)
    if profile.version_number and after == before:
        return None
    profile.version_number += 1
    return ProfileVersion(
        profile=profile,
        number=profile.version_number,
        seen_at=sighting.reading.read_at if sighting.reading else seen_at,
        reach=profile.reach,
        content_hash=_hash(after),
        **after,
    )


def _identity(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in IDENTITY_FIELDS}


def _hash(identity: Mapping[str, Any]) -> str:
    canonical = json.dumps(identity, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _row(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in WRITTEN_FIELDS}


def _save(profiles: Sequence[Profile]) -> None:
    """Write locked profiles in one statement. `is_held` belongs to the database's trigger."""
    Profile.objects.bulk_create(
        profiles,
        update_conflicts=True,
        unique_fields=["platform", "external_id"],
        update_fields=WRITTEN_FIELDS,
    )
