"""Open, contain and close incidents."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import Refusal
from platforms.models import Incident, Profile
from platforms.refusals import InvalidTransition


def open_incident(
    *, actor: Actor, profile: Profile, kind: Incident.Kind, began_at: datetime
) -> tuple[Incident, bool]:
    """Open an incident, or return the one of its kind that is open. Tells which.

    Call it with the profile's row locked: at most one of a kind is open for a profile.
    """
    incident, created = Incident.objects.get_or_create(
        profile=profile,
        kind=kind,
        state=Incident.State.OPEN,
        defaults={"began_at": began_at, "reach_at_seen": profile.reach},
    )
    if created:
        audit.record(
            actor=actor,
            verb="incident.opened",
            target=incident,
            about=[profile],
            changes={"kind": kind, "began_at": began_at.isoformat()},
        )
    return incident, created


def ask_people(*, actor: Actor, incident: Incident, reason: str) -> None:
    """Say that standing approval is used up: what comes next is decided by people."""
    if incident.needs_people:
        return
    incident.needs_people = True
    incident.save(update_fields=["needs_people"])
    audit.record(
        actor=actor,
        verb="incident.needs_people",
        target=incident,
        about=[incident.profile],
        reason=reason,
    )


def contain(*, actor: Actor, incident: Incident, at: datetime | None = None) -> Incident:
    """Say that it is again as its holds demand. The cause still wants a person."""
    _step(incident, Incident.State.CONTAINED)
    incident.contained_at = at or timezone.now()
    incident.save(update_fields=["state", "contained_at"])
    audit.record(
        actor=actor,
        verb="incident.contained",
        target=incident,
        about=[incident.profile],
        changes={"exposure_reach_hours": round(incident.exposure_reach_hours)},
    )
    return incident


@transaction.atomic
def close(*, actor: User, incident: Incident, cause: str) -> Incident:
    """Close an incident with the cause a person found."""
    locked = Incident.objects.select_for_update().get(pk=incident.pk)
    if not cause.strip():
        raise Refusal("An incident is closed with its cause.")
    _step(locked, Incident.State.CLOSED)
    locked.closed_at = timezone.now()
    locked.closed_by = actor
    locked.cause = cause.strip()
    locked.save(update_fields=["state", "closed_at", "closed_by", "cause"])
    audit.record(
        actor=actor,
        verb="incident.closed",
        target=locked,
        about=[locked.profile],
        reason=locked.cause,
    )
    return locked


def _step(incident: Incident, target: Incident.State) -> None:
    current = Incident.State(incident.state)
    if target not in Incident.TRANSITIONS[current]:
        raise InvalidTransition(f"{incident} is “{current.label}” and cannot be “{target.label}”.")
    incident.state = target
