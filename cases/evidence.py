"""Capture evidence: bytes as they were, named by their hash."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor, Service
from accounts.models import User
from cases import writes
from cases.models import Case, CustodyEntry, Evidence
from platforms.models import Profile
from sanctions.models import DesignationVersion


@dataclass(frozen=True)
class Capture:
    """Bytes to be kept, and where they came from."""

    kind: Evidence.Kind
    title: str
    source: str
    content: bytes
    content_type: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def capture(*, actor: Actor, case: Case, captures: Iterable[Capture]) -> list[Evidence]:
    """Keep what is new to the case as evidence, and return it.

    The same bytes in the same case are kept once. Call it with the case's row locked, or
    before anybody else can see the case, and move its version where it was open before.
    """
    by_hash = {each.sha256: each for each in captures}
    known = set(
        Evidence.objects.filter(case=case, sha256__in=by_hash).values_list("sha256", flat=True)
    )
    kept = Evidence.objects.bulk_create(
        Evidence(
            case=case,
            kind=each.kind,
            title=shortened(each.title, 200),
            source=shortened(each.source, 200),
            content=each.content,
            content_type=each.content_type,
            size_bytes=len(each.content),
            sha256=sha256,
        )
        for sha256, each in by_hash.items()
        if sha256 not in known
    )
    CustodyEntry.objects.bulk_create(
        _custody(actor, evidence, step)
        for evidence in kept
        for step in (CustodyEntry.Step.CAPTURED, CustodyEntry.Step.SEALED)
    )
    return kept


def of_designation(version: DesignationVersion) -> Capture:
    """What the list said."""
    source = version.designation.source
    return Capture(
        kind=Evidence.Kind.LIST_ENTRY,
        title=f"{source.short_name} {version.designation.entry_key}, version {version.number}",
        source=f"{source.name}, list version {version.list_version.number}",
        content=_as_bytes(version.content),
        content_type="application/json",
    )


def of_profile(profile: Profile) -> Capture:
    """What the profile showed when it was last read."""
    seen = profile.observed_at or profile.first_seen_at
    opened = profile.account_created_at
    return Capture(
        kind=Evidence.Kind.PROFILE_CAPTURE,
        title=f"{profile} as read on {seen:%d %b %Y, %H:%M} UTC",
        source=f"{profile.platform} connector",
        content=_as_bytes(
            {
                "external_id": profile.external_id,
                "handle": profile.handle,
                "display_name": profile.display_name,
                "bio": profile.bio,
                "links": profile.links,
                "country": profile.country,
                "date_of_birth": profile.date_of_birth,
                "image_fingerprints": profile.image_fingerprints,
                "is_verified": profile.is_verified,
                "account_created_at": opened.isoformat() if opened else None,
                "reach": profile.reach,
                "observed_state": profile.observed_state,
                "read_at": seen.isoformat(),
            }
        ),
        content_type="application/json",
    )


@transaction.atomic
def view(*, actor: User, evidence: Evidence) -> bytes:
    """Return the bytes, and put the reading on their custody record and in the audit trail.

    Raises `NotAllowed` unless the case is open to the reader.
    """
    writes.require_on(evidence.case, actor, "cases.view_case")
    CustodyEntry.objects.create(
        evidence=evidence, step=CustodyEntry.Step.VIEWED, by_user=actor, at=timezone.now()
    )
    audit.record(
        actor=actor,
        verb="evidence.viewed",
        target=evidence,
        about=[evidence.case],
        changes={"sha256": evidence.sha256},
    )
    return bytes(evidence.content)


def shortened(text: str, length: int) -> str:
    """Cut a title to what its column takes: a long name must not stop a case from opening."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _as_bytes(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode()


def _custody(actor: Actor, evidence: Evidence, step: CustodyEntry.Step) -> CustodyEntry:
    by_service = actor.name if isinstance(actor, Service) else ""
    return CustodyEntry(
        evidence=evidence,
        step=step,
        by_user=None if isinstance(actor, Service) else actor,
        by_service=by_service,
    )
