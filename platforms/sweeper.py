"""Find again, in PostgreSQL, what a lost message or a lost worker would have left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.actors import Actor
from platforms import enforcement, incidents
from platforms.holds import lock_profile
from platforms.models import Hold, Incident, ObservedState, Platform
from platforms.models.profiles import CADENCES_UNTIL_STALE


@dataclass(frozen=True)
class Sweep:
    """What one sweep found."""

    recovered: int
    silent: int
    unreadable: int
    over: int


def sweep(*, actor: Actor) -> Sweep:
    """Recover abandoned actions, and say of held profiles that are not read that they are not."""
    now = timezone.now()
    return Sweep(
        recovered=enforcement.recover_abandoned(actor=actor),
        silent=_open_silences(actor=actor, at=now),
        unreadable=_mark_unreadable(now),
        over=_end_without_holds(actor=actor, at=now),
    )


def _open_silences(*, actor: Actor, at: datetime) -> int:
    """Open an incident for each held profile of high reach that nobody could read (rule 12)."""
    known = Incident.objects.filter(
        profile=OuterRef("pk"), kind=Incident.Kind.SILENCE, state=Incident.State.OPEN
    )
    held_since = Hold.objects.standing().filter(profile=OuterRef("pk")).order_by("placed_at")
    opened = 0
    for platform in Platform.objects.filter(is_active=True):
        trusted_since = at - _patience(platform.high_reach_cadence_seconds)
        silent = (
            platform.profiles.held()
            .filter(~Exists(known), reach__gte=platform.high_reach_threshold)
            .not_read_since(trusted_since)
            .annotate(
                heard_at=Coalesce("observed_at", Subquery(held_since.values("placed_at")[:1]))
            )
            .filter(heard_at__lt=trusted_since)
        )
        for profile in silent:
            with transaction.atomic():
                locked = lock_profile(profile.pk)
                if not locked.is_held or locked.observed_at != profile.observed_at:
                    continue
                incidents.open_incident(
                    actor=actor,
                    profile=locked,
                    kind=Incident.Kind.SILENCE,
                    began_at=profile.heard_at,
                )
                opened += 1
    return opened


def _mark_unreadable(at: datetime) -> int:
    """Take the last state away from what is stale, so that "not read" never looks like "down"."""
    marked = 0
    for platform in Platform.objects.filter(is_active=True):
        readable = platform.profiles.held().exclude(observed_state=ObservedState.UNREADABLE)
        for part, cadence_seconds in (
            (Q(reach__gte=platform.high_reach_threshold), platform.high_reach_cadence_seconds),
            (Q(reach__lt=platform.high_reach_threshold), platform.cadence_seconds),
        ):
            stale = readable.filter(part, observed_at__lt=at - _patience(cadence_seconds))
            marked += stale.update(observed_state=ObservedState.UNREADABLE)
    return marked


def _end_without_holds(*, actor: Actor, at: datetime) -> int:
    """Contain open incidents of profiles that no hold keeps down any more: nobody reads them."""
    ended = 0
    released = Incident.objects.filter(state=Incident.State.OPEN, profile__is_held=False)
    for profile_id, pk in list(released.values_list("profile_id", "pk")):
        with transaction.atomic():
            lock_profile(profile_id)
            incident = released.filter(pk=pk).select_for_update(of=("self",), no_key=True).first()
            if incident is not None:
                incidents.contain(actor=actor, incident=incident, at=at)
                ended += 1
    return ended


def _patience(cadence_seconds: int) -> timedelta:
    return CADENCES_UNTIL_STALE * timedelta(seconds=cadence_seconds)
