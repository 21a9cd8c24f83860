"""Write a batch of sightings: profiles, their versions, and what the readings mean."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from platforms import observations
from platforms.connectors.base import AccountReading
from platforms.models import Platform, Profile, ProfileVersion

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

# What an account says of itself, as opposed to what state it was observed in.
CLAIMED_FIELDS = (*IDENTITY_FIELDS, "reach", "account_created_at", "version_number")


@dataclass(frozen=True)
class RowError:
    """A row that was left out: its place in the batch (from 0), its id where it gave one, why."""

    index: int
    external_id: str
    message: str


@dataclass
class UpsertResult:
    """What a batch did. The ids name the new versions and their profiles, to be screened."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    profile_ids: list[int] = field(default_factory=list)
    version_ids: list[int] = field(default_factory=list)

    def add(self, other: UpsertResult) -> None:
        """Count another batch in. Its rows follow those counted so far."""
        rows_before = self.created + self.changed + self.unchanged + len(self.errors)
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.profile_ids += other.profile_ids
        self.version_ids += other.version_ids
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


def write_sightings(
    *,
    actor: Actor,
    platform: Platform,
    sightings: Mapping[str, tuple[int, Sighting]],
    errors: list[RowError],
) -> UpsertResult:
    """Write a checked batch: lock the profiles, compare, write versions, judge, record.

    `sightings` goes by account id and carries each one's place in the batch. The number of
    queries depends on what drifted, and not on the number of sightings.
    """
    result = UpsertResult(errors=errors)
    if not sightings:
        return result
    seen_at = timezone.now()
    with transaction.atomic():
        profiles = _lock_or_create(platform, [sighting for _, sighting in sightings.values()])
        before = {profile.pk: _claims(profile) for profile in profiles.values()}
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
        _save([profile for pk, profile in locked.items() if _claims(profile) != before[pk]])
        _save_observations([locked[pk] for pk in readings])
        ProfileVersion.objects.bulk_create(versions)
        result.profile_ids = [version.profile_id for version in versions]
        result.version_ids = [version.pk for version in versions]
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

    Everyone inserts by id before taking a lock, and locks by key, so that two batches wait
    for each other and never both.
    """
    wanted = Profile.objects.filter(
        platform=platform, external_id__in=[s.external_id for s in sightings]
    )
    known = set(wanted.values_list("external_id", flat=True))
    Profile.objects.bulk_create(
        [
            Profile(platform=platform, external_id=s.external_id, handle=s.fields["handle"])
            for s in sorted(sightings, key=lambda s: s.external_id)
            if s.external_id not in known and "handle" in s.fields
        ],
        ignore_conflicts=True,
    )
    locked = wanted.order_by("pk").select_for_update(no_key=True)
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


def _claims(profile: Profile) -> dict[str, Any]:
    return {name: getattr(profile, name) for name in CLAIMED_FIELDS}


def _save(profiles: Sequence[Profile]) -> None:
    """Write locked profiles in one statement. `is_held` belongs to the database's trigger."""
    Profile.objects.bulk_create(
        profiles,
        update_conflicts=True,
        unique_fields=["platform", "external_id"],
        update_fields=CLAIMED_FIELDS,
    )


def _save_observations(profiles: Sequence[Profile]) -> None:
    """Write what was observed of locked profiles, and nothing else.

    The reconciler comes through here with every batch, and mostly nothing else has changed:
    an upsert of whole rows doubles the time of a batch.
    """
    if not profiles:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE platforms_profile AS profile
            SET observed_state = seen.state, observed_at = seen.at,
                last_down_at = seen.down_at, next_read_at = seen.next_at
            FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[],
                        %s::timestamptz[]) AS seen(id, state, at, down_at, next_at)
            WHERE profile.id = seen.id
            """,
            [
                [profile.pk for profile in profiles],
                [str(profile.observed_state) for profile in profiles],
                [profile.observed_at for profile in profiles],
                [profile.last_down_at for profile in profiles],
                [profile.next_read_at for profile in profiles],
            ],
        )
