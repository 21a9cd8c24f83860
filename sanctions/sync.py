"""Take in a list: keep its bytes, read it to the end, guard, and only then apply it at once.

A list that cannot be trusted is quarantined: a row tells why, its bytes are kept, and the last
accepted version keeps serving (rule 10 of the design).
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from sanctions.acquisition import Acquired, acquire
from sanctions.formats.refusals import ListRefused
from sanctions.guards import (
    Quarantined,
    refuse_a_cut_tail,
    refuse_a_shrunken_list,
    worth_knowing,
)
from sanctions.models import ListVersion, Source
from sanctions.staging import Progress, StagedList, staged
from sanctions.versioning import Comparison, compare, write_versions


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync did. `version` is the number of the accepted or quarantined list version."""

    source: str
    version: int | None
    added: int
    changed: int
    delisted: int
    unchanged: int
    quarantined: bool
    reason: str
    seconds: float
    list_version: ListVersion | None

    def as_json(self) -> dict[str, Any]:
        """The fields that `sync_list --json` prints."""
        return {name: getattr(self, name) for name in self.__slots__ if name != "list_version"}


def sync(
    *,
    actor: Actor,
    source: Source,
    origins: Sequence[str] = (),
    accept_shrink_reason: str = "",
    progress: Progress = lambda count: None,
) -> SyncResult:
    """Sync one list from paths or addresses, by default from its publisher.

    Bytes that are already in force are applied no second time. `accept_shrink_reason` is a
    person's word that an abnormally shorter list is right; it is audited, and excuses no file
    that was cut. Raises `ListUnavailable`
    where no bytes could be had at all. Two syncs of one source do not interleave.
    """
    started = time.monotonic()
    acquired = acquire(source=source, origins=list(origins) or source.urls)
    if acquired is None or _is_in_force(source, acquired):
        return _already_in_force(source, started)
    try:
        with staged(acquired.paths, progress=progress) as staged_list:
            version = _apply(
                actor=actor,
                source=source,
                acquired=acquired,
                staged_list=staged_list,
                accept_shrink_reason=accept_shrink_reason,
            )
    except (ListRefused, Quarantined) as refusal:
        version = _quarantine(actor=actor, source=source, acquired=acquired, refusal=refusal)
    return _result(version, started) if version else _already_in_force(source, started)


@transaction.atomic
def _apply(
    *,
    actor: Actor,
    source: Source,
    acquired: Acquired,
    staged_list: StagedList,
    accept_shrink_reason: str,
) -> ListVersion | None:
    """The accepted version, or None if another sync brought the same bytes meanwhile."""
    locked = _lock(source)
    last_good = locked.versions.accepted().order_by("-number").first()
    if last_good is not None and last_good.sha256 == acquired.sha256:
        return None
    comparison = compare(source=locked, staged=staged_list)
    if last_good is not None:
        refuse_a_cut_tail(staged=staged_list, missing_keys=comparison.delisted)
        if not accept_shrink_reason:
            refuse_a_shrunken_list(staged=staged_list, last_good=last_good)
    version = _record_accepted(locked, acquired, staged_list, comparison, last_good)
    write_versions(list_version=version, staged=staged_list, comparison=comparison)
    locked.etag, locked.last_modified = acquired.etag, acquired.last_modified
    locked.record_answer(version.fetched_at, "etag", "last_modified")
    audit.record(
        actor=actor,
        verb="sanctions.list_synced",
        target=version,
        about=[locked],
        changes={
            "added": version.added,
            "changed": version.changed,
            "delisted": version.delisted,
            "sha256": version.sha256,
        },
        reason=accept_shrink_reason,
    )
    return version


def _record_accepted(
    source: Source,
    acquired: Acquired,
    staged_list: StagedList,
    comparison: Comparison,
    last_good: ListVersion | None,
) -> ListVersion:
    return ListVersion.objects.create(
        source=source,
        number=_next_number(source),
        state=ListVersion.State.ACCEPTED,
        format=staged_list.format,
        published_on=staged_list.published_on,
        fetched_at=timezone.now(),
        sha256=acquired.sha256,
        size_bytes=acquired.size_bytes,
        raw_path=acquired.raw_path,
        entries=len(staged_list.hashes),
        added=comparison.added_count,
        changed=len(comparison.changed),
        delisted=len(comparison.delisted),
        unchanged=comparison.unchanged_count,
        warnings=worth_knowing(staged=staged_list, last_good=last_good),
    )


@transaction.atomic
def _quarantine(
    *,
    actor: Actor,
    source: Source,
    acquired: Acquired,
    refusal: ListRefused | Quarantined,
) -> ListVersion:
    """Record why these bytes were not believed, once for the same bytes in a row."""
    locked = _lock(source)
    now = timezone.now()
    locked.record_answer(now)
    latest = locked.versions.order_by("-number").first()
    if (
        latest is not None
        and latest.state == ListVersion.State.QUARANTINED
        and (latest.sha256, latest.reason_code) == (acquired.sha256, refusal.reason_code)
    ):
        return latest
    version = ListVersion.objects.create(
        source=locked,
        number=_next_number(locked),
        state=ListVersion.State.QUARANTINED,
        fetched_at=now,
        sha256=acquired.sha256,
        size_bytes=acquired.size_bytes,
        raw_path=acquired.raw_path,
        reason_code=refusal.reason_code,
        reason=refusal.message,
    )
    audit.record(
        actor=actor,
        verb="sanctions.list_quarantined",
        target=version,
        about=[locked],
        changes={"reason_code": version.reason_code, "sha256": version.sha256},
    )
    return version


def _lock(source: Source) -> Source:
    """Take the source's row until the transaction ends, so that syncs of it come in turn."""
    return Source.objects.select_for_update(no_key=True).get(pk=source.pk)


def _next_number(source: Source) -> int:
    latest = source.versions.order_by("-number").first()
    return latest.number + 1 if latest else 1


def _is_in_force(source: Source, acquired: Acquired) -> bool:
    last_good = source.versions.accepted().order_by("-number").first()
    return last_good is not None and last_good.sha256 == acquired.sha256


def _already_in_force(source: Source, started: float) -> SyncResult:
    source.record_answer(timezone.now())
    last_good = source.versions.accepted().order_by("-number").first()
    return SyncResult(
        source=source.slug,
        version=last_good.number if last_good else None,
        added=0,
        changed=0,
        delisted=0,
        unchanged=last_good.entries if last_good else 0,
        quarantined=False,
        reason="",
        seconds=round(time.monotonic() - started, 3),
        list_version=last_good,
    )


def _result(version: ListVersion, started: float) -> SyncResult:
    return SyncResult(
        source=version.source.slug,
        version=version.number,
        added=version.added,
        changed=version.changed,
        delisted=version.delisted,
        unchanged=version.unchanged,
        quarantined=version.state == ListVersion.State.QUARANTINED,
        reason=version.reason,
        seconds=round(time.monotonic() - started, 3),
        list_version=version,
    )
