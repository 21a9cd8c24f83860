"""Open cases, and join new signals to the case that is open already.

One open primary case per profile: a new match about the same profile joins it. Delistings
and incidents are linked cases beside it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from cases import evidence, writes
from cases.models import (
    Case,
    CaseDesignation,
    CaseIncident,
    CaseMatch,
    CaseProfile,
)
from platforms.holds import lock_profile
from platforms.models import Incident, Profile
from sanctions.models import Designation, Match

# Hours from the clock's beginning until a case is due, by kind and by reach.
DUE_HOURS: dict[Case.Kind, tuple[int, int]] = {
    # kind: (ordinary, high reach)
    Case.Kind.MATCH: (72, 24),
    Case.Kind.REPORT: (72, 24),
    Case.Kind.BAN_EVASION: (72, 24),
    Case.Kind.NETWORK: (168, 72),
    Case.Kind.INCIDENT: (24, 4),
    Case.Kind.AUTHORITY_REQUEST: (72, 72),
    Case.Kind.DELISTING: (72, 24),
    Case.Kind.APPEAL: (168, 168),
}


def due_at(kind: Case.Kind, began_at: datetime, *, high_reach: bool) -> datetime:
    ordinary, high = DUE_HOURS[kind]
    return began_at + timedelta(hours=high if high_reach else ordinary)


@transaction.atomic
def open_for_matches(*, actor: Actor, profile: Profile, matches: list[Match]) -> Case:
    """Open a match case for one profile, or join the primary case that is open.

    The clock runs from the publication of the list that named the designation.
    """
    lock_profile(profile.pk)
    primary = (
        CaseProfile.objects.filter(profile=profile, is_primary=True, is_open=True)
        .select_related("case")
        .first()
    )
    if primary is not None:
        return _join(actor=actor, case=primary.case, matches=matches)
    best = max(matches, key=lambda match: match.score)
    case = _create(
        actor=actor,
        kind=Case.Kind.MATCH,
        profile=profile,
        question=f"Is {profile} the listed {best.designation.primary_name}?",
        because=f"{best.designation.primary_name} · {best.score:.2f}",
        clock_began_at=_published_at(best),
    )
    _attach(actor=actor, case=case, matches=matches)
    return case


@transaction.atomic
def open_for_delisting(*, actor: Actor, profile: Profile, designation: Designation) -> Case:
    """Ask people what a delisting means for one profile. It lifts and restores nothing."""
    lock_profile(profile.pk)
    case = _create(
        actor=actor,
        kind=Case.Kind.DELISTING,
        profile=profile,
        question=f"{designation.primary_name} was delisted. What follows for {profile}?",
        because=(
            f"{designation.source.short_name} {designation.entry_key} was delisted. "
            "Its hold stands until two people release it."
        ),
        clock_began_at=designation.delisted_at or timezone.now(),
    )
    CaseDesignation.objects.create(case=case, designation=designation)
    if designation.current_version is not None:
        evidence.capture_designation(actor=actor, case=case, version=designation.current_version)
    return case


@transaction.atomic
def open_for_incident(*, actor: Actor, incident: Incident) -> Case:
    """Ask people for the cause of an incident."""
    profile = lock_profile(incident.profile_id)
    holds = profile.holds.keeping_down().count()
    if incident.kind == Incident.Kind.DRIFT:
        because = f"Was up while {holds} {'hold' if holds == 1 else 'holds'} stood"
        question = f"Why was {profile} up?"
    else:
        because = "A held profile of high reach could not be read"
        question = f"Why can {profile} not be read?"
    case = _create(
        actor=actor,
        kind=Case.Kind.INCIDENT,
        profile=profile,
        question=question,
        because=because,
        clock_began_at=incident.seen_at,
        priority=Case.Priority.URGENT,
    )
    CaseIncident.objects.create(case=case, incident=incident)
    return case


def _create(
    *,
    actor: Actor,
    kind: Case.Kind,
    profile: Profile,
    question: str,
    because: str,
    clock_began_at: datetime,
    priority: Case.Priority | None = None,
) -> Case:
    high_reach = profile.has_high_reach
    # A list published months ago must not make a case overdue before anybody could see it.
    began_at = max(clock_began_at, timezone.now() - timedelta(hours=1))
    if priority is None:
        priority = Case.Priority.RAISED if high_reach else Case.Priority.ROUTINE
    case = Case.objects.create(
        kind=kind,
        priority=priority,
        question=question[:300],
        opened_because=because[:300],
        due_at=due_at(kind, began_at, high_reach=high_reach),
        clock_began_at=clock_began_at,
        reach=profile.reach,
    )
    CaseProfile.objects.create(case=case, profile=profile, is_primary=kind in Case.PRIMARY_KINDS)
    evidence.capture_profile(actor=actor, case=case, profile=profile)
    audit.record(
        actor=actor,
        verb="case.opened",
        target=case,
        about=[profile],
        changes={"kind": kind, "case_version": case.version},
        reason=because,
    )
    return case


def _join(*, actor: Actor, case: Case, matches: list[Match]) -> Case:
    locked = writes.lock(case)
    _attach(actor=actor, case=locked, matches=matches)
    writes.move_on(
        locked,
        actor=actor,
        verb="case.match_joined",
        changes={"matches": [match.pk for match in matches]},
    )
    return locked


def _attach(*, actor: Actor, case: Case, matches: list[Match]) -> None:
    CaseMatch.objects.bulk_create(
        [CaseMatch(case=case, match=match) for match in matches], ignore_conflicts=True
    )
    CaseDesignation.objects.bulk_create(
        [CaseDesignation(case=case, designation_id=match.designation_id) for match in matches],
        ignore_conflicts=True,
    )
    for match in matches:
        evidence.capture_designation(actor=actor, case=case, version=match.designation_version)


def _published_at(match: Match) -> datetime:
    return match.designation_version.valid_from
