"""Turn a staged list into designation versions: added, changed, delisted.

Call it in the transaction that created the list version, with the source's row locked. Rows are
written in batches, so that memory does not grow with the list.
"""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.db.models import OuterRef, Subquery

from sanctions.formats.entries import diff
from sanctions.models import Designation, DesignationVersion, ListVersion, Source
from sanctions.staging import StagedList

BATCH_ROWS = 1000

T = TypeVar("T")
Change = DesignationVersion.Change


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one designation stands before the new list: its ids, its hash, whether it is listed."""

    designation_id: int
    version_id: int
    number: int
    content_hash: str
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a staged list means against what stands, by entry key."""

    standing: dict[str, Standing]
    new: frozenset[str]
    relisted: frozenset[str]
    changed: frozenset[str]
    delisted: frozenset[str]
    unchanged_count: int

    @property
    def added_count(self) -> int:
        """New entries, and those that come back after a delisting."""
        return len(self.new) + len(self.relisted)


def compare(*, source: Source, staged: StagedList) -> Comparison:
    """Compare by hash alone: no content is loaded."""
    standing = {
        key: Standing(designation_id, version_id, number, content_hash, delisted_at is None)
        for key, designation_id, version_id, number, content_hash, delisted_at in (
            Designation.objects.filter(source=source)
            .values_list(
                "entry_key",
                "pk",
                "current_version_id",
                "current_version__number",
                "current_version__content_hash",
                "delisted_at",
            )
            .iterator()
        )
    }
    listed = {key for key, stand in standing.items() if stand.is_listed}
    kept = listed & staged.hashes.keys()
    changed = {key for key in kept if standing[key].content_hash != staged.hashes[key]}
    return Comparison(
        standing=standing,
        new=frozenset(staged.hashes.keys() - standing.keys()),
        relisted=frozenset((staged.hashes.keys() & standing.keys()) - listed),
        changed=frozenset(changed),
        delisted=frozenset(listed - staged.hashes.keys()),
        unchanged_count=len(kept) - len(changed),
    )


def write_versions(
    *, list_version: ListVersion, staged: StagedList, comparison: Comparison
) -> None:
    """Write one version for each entry that was added, changed or delisted. Idle ones get none."""
    moment = list_version.fetched_at
    written = comparison.new | comparison.relisted | comparison.changed
    for batch in _in_batches(staged.entries(written)):
        _write_listed(list_version, staged, comparison, batch, moment)
    for keys in _in_batches(sorted(comparison.delisted)):
        _write_delisted(list_version, [comparison.standing[key] for key in keys], moment)


def _write_listed(
    list_version: ListVersion,
    staged: StagedList,
    comparison: Comparison,
    batch: list[tuple[str, dict[str, Any]]],
    moment: datetime.datetime,
) -> None:
    standing = {key: comparison.standing[key] for key, _ in batch if key in comparison.standing}
    former = _end(standing.values(), moment)
    # An upsert: `bulk_update` takes minutes for a list that changed throughout.
    designations = Designation.objects.bulk_create(
        (
            Designation(
                source_id=list_version.source_id,
                entry_key=key,
                kind=content["kind"],
                primary_name=content["primary_name"],
                programs=content.get("programs", []),
                listed_at=moment,
                delisted_at=None,
            )
            for key, content in batch
        ),
        update_conflicts=True,
        unique_fields=["source", "entry_key"],
        update_fields=["kind", "primary_name", "programs", "delisted_at"],
    )
    DesignationVersion.objects.bulk_create(
        _next_version(
            DesignationVersion(
                designation=designation,
                list_version=list_version,
                content=content,
                content_hash=staged.hashes[key],
                valid_from=moment,
            ),
            standing.get(key),
            former,
        )
        for designation, (key, content) in zip(designations, batch, strict=True)
    )
    _point_at_current_versions([designation.pk for designation in designations])


def _next_version(
    version: DesignationVersion, stand: Standing | None, former: dict[int, dict[str, Any]]
) -> DesignationVersion:
    """Number the version and say what it changes against the one before, if there was one."""
    if stand is None:
        version.number, version.change = 1, Change.ADDED
    else:
        version.number = stand.number + 1
        version.change = Change.CHANGED if stand.is_listed else Change.ADDED
        version.diff = diff(former[stand.version_id], version.content)
    return version


def _write_delisted(
    list_version: ListVersion, standing: list[Standing], moment: datetime.datetime
) -> None:
    """A delisting is a version too, with the content the entry had last."""
    former = _end(standing, moment)
    designation_ids = [stand.designation_id for stand in standing]
    Designation.objects.filter(pk__in=designation_ids).update(delisted_at=moment)
    DesignationVersion.objects.bulk_create(
        DesignationVersion(
            designation_id=stand.designation_id,
            list_version=list_version,
            number=stand.number + 1,
            change=Change.DELISTED,
            content=former[stand.version_id],
            content_hash=stand.content_hash,
            valid_from=moment,
        )
        for stand in standing
    )
    _point_at_current_versions(designation_ids)


def _end(standing: Iterable[Standing], moment: datetime.datetime) -> dict[int, dict[str, Any]]:
    """End the current versions and return what they said, by version id."""
    versions = DesignationVersion.objects.filter(pk__in=[stand.version_id for stand in standing])
    versions.update(valid_to=moment)
    return dict(versions.values_list("pk", "content"))


def _point_at_current_versions(designation_ids: list[int]) -> None:
    # By the partial unique index on what has not ended: a version just written is not yet in the
    # statistics, so a query by its list version is planned badly.
    current = DesignationVersion.objects.filter(
        designation_id=OuterRef("pk"), valid_to__isnull=True
    )
    Designation.objects.filter(pk__in=designation_ids).update(
        current_version=Subquery(current.values("pk"))
    )


def _in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch
