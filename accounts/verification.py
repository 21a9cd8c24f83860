"""Prove that the record is whole: every link, every number, and every anchor kept elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from accounts.models import AuditEvent, AuditSeal
from accounts.sealing import GENESIS, SEALED_FIELDS, link

CHUNK_SIZE = 5_000


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of the chain as it was on a day, kept outside this database."""

    number: int
    hash: str
    at: str


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold, and why."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the chain found. `unsealed_age` is the age of the oldest waiting event."""

    checked: int
    sealed: int
    unsealed: int
    unsealed_age: timedelta | None
    broken: Break | None


def latest_anchor() -> Anchor | None:
    """Return the end of the chain now, or None while nothing is sealed."""
    seal = AuditSeal.objects.order_by("-number").first()
    if seal is None:
        return None
    return Anchor(number=seal.number, hash=seal.hash, at=seal.sealed_at.isoformat())


def verify(*, since: datetime | None = None, anchors: Iterable[Anchor] = ()) -> Verification:
    """Walk the chain, from the first seal or from the first one made at `since`."""
    checked, broken = _walk(since)
    if broken is None:
        broken = _compare(anchors)
    waiting = AuditEvent.objects.filter(seal__isnull=True)
    oldest = waiting.aggregate(oldest=Min("at"))["oldest"]
    return Verification(
        checked=checked,
        sealed=AuditSeal.objects.count(),
        unsealed=waiting.count(),
        unsealed_age=timezone.now() - oldest if oldest else None,
        broken=broken,
    )


def _walk(since: datetime | None) -> tuple[int, Break | None]:
    seals = AuditSeal.objects.order_by("number")
    number, previous_hash = 0, GENESIS
    if since is not None:
        before = seals.filter(sealed_at__lt=since).order_by("-number").first()
        if before is not None:
            number, previous_hash = before.number, before.hash
            seals = seals.filter(number__gt=before.number)
    checked = 0
    fields = ("number", "previous_hash", "hash", *(f"event__{name}" for name in SEALED_FIELDS))
    for row in seals.values_list(*fields).iterator(chunk_size=CHUNK_SIZE):
        number += 1
        found, found_previous, found_hash = row[:3]
        if found != number:
            return checked, Break(number, f"is missing: the next one stored is {found}")
        if found_previous != previous_hash:
            return checked, Break(number, "does not follow from the one before it")
        event = dict(zip(SEALED_FIELDS, row[3:], strict=True))
        if link(number=number, previous_hash=previous_hash, event=event) != found_hash:
            return checked, Break(number, "was sealed over another event than the one stored")
        previous_hash = found_hash
        checked += 1
    return checked, None


def _compare(anchors: Iterable[Anchor]) -> Break | None:
    for anchor in sorted(anchors, key=lambda anchor: anchor.number):
        seal = AuditSeal.objects.filter(number=anchor.number).first()
        if seal is None:
            return Break(anchor.number, f"is cut off: an anchor of {anchor.at} saw it")
        if seal.hash != anchor.hash:
            return Break(anchor.number, f"differs from the anchor of {anchor.at}")
    return None
