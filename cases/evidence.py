"""Capture evidence: bytes as they were, named by their hash."""

import hashlib
import json
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor, Service
from accounts.models import User
from cases.models import Case, CustodyEntry, Evidence
from platforms.models import Profile
from sanctions.models import DesignationVersion


def capture(
    *,
    actor: Actor,
    case: Case,
    kind: Evidence.Kind,
    title: str,
    source: str,
    content: bytes,
    content_type: str,
) -> Evidence:
    """Keep bytes as evidence. The same bytes in the same case are kept once."""
    digest = hashlib.sha256(content).hexdigest()
    evidence, created = Evidence.objects.get_or_create(
        case=case,
        sha256=digest,
        defaults={
            "kind": kind,
            "title": title,
            "source": source,
            "content": content,
            "content_type": content_type,
            "size_bytes": len(content),
        },
    )
    if created:
        CustodyEntry.objects.bulk_create(
            _custody(actor, evidence, step)
            for step in (CustodyEntry.Step.CAPTURED, CustodyEntry.Step.SEALED)
        )
    return evidence


def capture_designation(*, actor: Actor, case: Case, version: DesignationVersion) -> Evidence:
    """Keep what the list said."""
    source = version.designation.source
    return capture(
        actor=actor,
        case=case,
        kind=Evidence.Kind.LIST_ENTRY,
        title=f"{source.short_name} {version.designation.entry_key}, version {version.number}",
        source=f"{source.name}, list version {version.list_version.number}",
        content=_as_bytes(version.content),
        content_type="application/json",
    )


def capture_profile(*, actor: Actor, case: Case, profile: Profile) -> Evidence:
    """Keep what the profile showed when it was last read."""
    seen = profile.observed_at or profile.first_seen_at
    return capture(
        actor=actor,
        case=case,
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
                "reach": profile.reach,
                "observed_state": profile.observed_state,
                "read_at": seen.isoformat(),
            }
        ),
        content_type="application/json",
    )


def is_intact(evidence: Evidence) -> bool:
    """Hash the stored bytes again and compare."""
    return hashlib.sha256(bytes(evidence.content)).hexdigest() == evidence.sha256


@transaction.atomic
def view(*, actor: User, evidence: Evidence) -> bytes:
    """Return the bytes, and put the reading on their custody record and in the audit trail."""
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
