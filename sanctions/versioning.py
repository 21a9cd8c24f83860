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
    for batch in _in_batches(staged.entries(comparison.new)):
        _write_new(list_version, staged, batch, moment)
    revised = comparison.relisted | comparison.changed
    for batch in _in_batches(staged.entries(revised)):
        _write_revised(list_version, staged, comparison, batch, moment)
    for keys in _in_batches(sorted(comparison.delisted)):
        _write_delisted(list_version, [comparison.standing[key] for key in keys], moment)
    _point_at_current_versions(list_version)


def _write_new(
    list_version: ListVersion,
    staged: StagedList,
    batch: list[tuple[str, dict[str, Any]]],
    moment: datetime.datetime,
) -> None:
    designations = Designation.objects.bulk_create(
        Designation(
            source_id=list_version.source_id,
            entry_key=key,
            kind=content["kind"],
            primary_name=content["primary_name"],
            programs=content.get("programs", []),
            listed_at=moment,
        )
        for key, content in batch
    )
    DesignationVersion.objects.bulk_create(
        DesignationVersion(
            designation=designation,
            list_version=list_version,
            number=1,
            change=Change.ADDED,
            content=content,
            content_hash=staged.hashes[key],
            valid_from=moment,
        )
        for designation, (key, content) in zip(designations, batch, strict=True)
    )


def _write_revised(
    list_version: ListVersion,
    staged: StagedList,
    comparison: Comparison,
    batch: list[tuple[str, dict[str, Any]]],
    moment: datetime.datetime,
) -> None:
    standing = {key: comparison.standing[key] for key, _ in batch}
    former = _end(standing.values(), moment)
    Designation.objects.bulk_update(
        [
            Designation(
                pk=standing[key].designation_id,
                kind=content["kind"],
                primary_name=content["primary_name"],
                programs=content.get("programs", []),
                delisted_at=None,
            )
            for key, content in batch
        ],
        fields=["kind", "primary_name", "programs", "delisted_at"],
    )
    DesignationVersion.objects.bulk_create(
        DesignationVersion(
            designation_id=standing[key].designation_id,
            list_version=list_version,
            number=standing[key].number + 1,
            change=Change.CHANGED if standing[key].is_listed else Change.ADDED,
            content=content,
            content_hash=staged.hashes[key],
            diff=diff(former[standing[key].version_id], content),
            valid_from=moment,
        )
        for key, content in batch
    )


def _write_delisted(
    list_version: ListVersion, standing: list[Standing], moment: datetime.datetime
) -> None:
    """A delisting is a version too, with the content the entry had last."""
    former = _end(standing, moment)
    Designation.objects.filter(pk__in=[stand.designation_id for stand in standing]).update(
        delisted_at=moment
    )
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


def _end(standing: Iterable[Standing], moment: datetime.datetime) -> dict[int, dict[str, Any]]:
    """End the current versions and return what they said, by version id."""
    versions = DesignationVersion.objects.filter(pk__in=[stand.version_id for stand in standing])
    versions.update(valid_to=moment)
    return dict(versions.values_list("pk", "content"))


def _point_at_current_versions(list_version: ListVersion) -> None:
    written = DesignationVersion.objects.filter(list_version=list_version)
    Designation.objects.filter(pk__in=written.values("designation_id")).update(
        current_version=Subquery(
            written.filter(designation_id=OuterRef("pk")).values("pk")[:1],
        )
    )


def _in_batches(items: Iterable[T]) -> Iterator[list[T]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH_ROWS)):
        yield batch
