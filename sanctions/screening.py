"""Screen profiles against the lists, and new list entries against the profiles.

The index of all listed entries belongs to the accepted list versions it was built from:
built once for each set, kept below the media root, loaded by every worker that screens.
"""

import gc
import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from platforms.models import ProfileVersion
from sanctions import reverse
from sanctions.matching import Finding, Index
from sanctions.models import Designation, DesignationVersion, ListScreening, ListVersion, Match
from sanctions.subjects import as_screened, as_subject

PROFILES_PER_PASS = 2_000


def screen_profiles(*, actor: Actor, profile_ids: Iterable[int]) -> int:
    """Screen the current versions of these profiles against every list. Returns new matches.

    A pair of versions that was found before, cleared or not, is not found again.
    """
    index = current_index()
    if index is None:
        return 0
    ids = list(profile_ids)
    found = 0
    for start in range(0, len(ids), PROFILES_PER_PASS):
        chunk = ids[start : start + PROFILES_PER_PASS]
        versions = list(_current_versions().filter(profile_id__in=chunk).order_by("profile_id"))
        with transaction.atomic():
            found += _keep_found(
                actor,
                [
                    (version, finding)
                    for version in versions
                    for finding in index.search(as_screened(version))
                ],
            )
            reverse.keep(versions, index.vocabulary)
            # A version that a newer one has overtaken needs no search of its own.
            ProfileVersion.objects.filter(
                profile_id__in=chunk,
                screened_at__isnull=True,
                pk__lte=max((version.pk for version in versions), default=0),
            ).update(screened_at=timezone.now())
    return found


def unscreened_profile_ids(limit: int) -> list[int]:
    """Profiles with a version that was never searched for, the oldest first."""
    waiting = ProfileVersion.objects.filter(screened_at__isnull=True).order_by("pk")
    return list(dict.fromkeys(waiting.values_list("profile_id", flat=True)[:limit]))


def screen_list_version(*, actor: Actor, list_version: ListVersion) -> int:
    """Screen what a list version added or changed against all profiles that were screened before.

    A profile that is yet to be screened is held against the whole list then. The weight of a name
    comes from all listed names, though only the changed entries are searched for. Returns how
    many matches are new. A run that was cut short is done again.
    """
    found = _screen_changes(actor, list_version)
    ListScreening.objects.create(list_version=list_version, matches_found=found)
    return found


def _screen_changes(actor: Actor, list_version: ListVersion) -> int:
    whole = current_index()
    changed = DesignationVersion.objects.filter(
        list_version=list_version, valid_to__isnull=True
    ).exclude(change=DesignationVersion.Change.DELISTED)
    subjects = [as_subject(version) for version in changed.iterator()]
    if whole is None or not subjects:
        return 0
    reverse.keep_missing(whole.vocabulary)
    found = 0
    for start in range(0, len(subjects), reverse.SUBJECTS_PER_PASS):
        chunk = subjects[start : start + reverse.SUBJECTS_PER_PASS]
        with transaction.atomic():
            found += _keep_found(actor, list(reverse.search(chunk, whole)))
    return found


def current_index() -> Index | None:
    """Return the index of everything listed now. None while no list was taken in."""
    newest = ListVersion.objects.accepted().order_by("source_id", "-number").distinct("source_id")
    versions = list(newest.values_list("pk", "sha256", "fetched_at"))
    if not versions:
        return None
    # Its keys are ids of this database: another one that has the same lists needs its own.
    fingerprint = hashlib.sha256(repr(versions).encode()).hexdigest()[:16]
    return _load_or_build(Path(settings.MEDIA_ROOT) / "index" / f"{fingerprint}.index")


@lru_cache(maxsize=2)
def _load_or_build(path: Path) -> Index:
    if path.exists():
        return _spared(Index.load(path))
    listed = Designation.objects.listed().values("current_version")
    index = Index.build(
        as_subject(version)
        for version in DesignationVersion.objects.filter(pk__in=listed).iterator(chunk_size=2_000)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    index.save(path)
    return _spared(index)


def _spared(index: Index) -> Index:
    """Keep the index from the collector, which would walk its millions of objects for nothing."""
    gc.collect()
    gc.freeze()
    return index


def _current_versions() -> QuerySet[ProfileVersion]:
    return ProfileVersion.objects.filter(number=F("profile__version_number"))


def _keep_found(actor: Actor, found: Sequence[tuple[ProfileVersion, Finding]]) -> int:
    """Keep what was found and is new, in a fixed number of queries. Returns how many."""
    now = timezone.now()
    candidates = [
        Match(
            profile_id=version.profile_id,
            profile_version_id=version.pk,
            designation_version_id=int(finding.key),
            score=finding.score,
            explanation=finding.explanation.as_dict(),
            found_at=now,
        )
        for version, finding in found
    ]
    if not candidates:
        return 0
    known = set(
        Match.objects.filter(
            profile_version__in={match.profile_version_id for match in candidates}
        ).values_list("profile_version_id", "designation_version_id")
    )
    fresh = [
        match
        for match in candidates
        if (match.profile_version_id, match.designation_version_id) not in known
    ]
    designation_of = dict(
        DesignationVersion.objects.filter(
            pk__in={match.designation_version_id for match in fresh}
        ).values_list("pk", "designation_id")
    )
    for match in fresh:
        match.designation_id = designation_of[match.designation_version_id]
    created = Match.objects.bulk_create(fresh, ignore_conflicts=True)
    stored = Match.objects.filter(
        profile_version__in={match.profile_version_id for match in created},
        designation_version__in={match.designation_version_id for match in created},
    ).select_related("profile", "designation")
    events = [
        audit.event(
            actor=actor,
            verb="match.found",
            target=match,
            about=[match.profile, match.designation],
            changes={"score": round(match.score, 3)},
        )
        for match in stored
        if (match.profile_version_id, match.designation_version_id) not in known
    ]
    audit.record_all(events)
    return len(events)
