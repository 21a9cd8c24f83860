"""Open cases, and join new signals to the case that is open already.

One open primary case per profile: a new match about the same profile joins it. Delistings
and incidents are linked cases beside it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from cases import evidence, writes
from cases.evidence import Capture
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
def open_for_matches(*, actor: Actor, profile: Profile, matches: list[Match]) -> Case | None:
    """Open a match case for one profile, or join the primary case that is open.

    The clock runs from the publication of the list that named the designation. None if
    somebody else has opened a case for these matches in the meantime.
    """
    lock_profile(profile.pk)
    waiting = _still_waiting(matches)
    if not waiting:
        return None
    primary = (
        CaseProfile.objects.filter(profile=profile, is_primary=True, is_open=True)
        .select_related("case")
        .first()
    )
    if primary is not None:
        return _join(actor=actor, case=primary.case, matches=waiting)
    best = max(waiting, key=lambda match: match.score)
    case = _create(
        actor=actor,
        kind=Case.Kind.MATCH,
        profile=profile,
        question=f"Is {profile} the listed {best.designation.primary_name}?",
        because=f"{best.designation.primary_name} · {best.score:.2f}",
        clock_began_at=_published_at(best),
        also_captured=_captures(waiting),
    )
    _attach(case=case, matches=waiting)
    return case


@transaction.atomic
def open_for_delisting(*, actor: Actor, profile: Profile, designation: Designation) -> Case | None:
    """Ask people what a delisting means for one profile. It lifts and restores nothing.

    None if a case asks already.
    """
    lock_profile(profile.pk)
    delisted_at = designation.delisted_at or timezone.now()
    asking = Case.objects.asking_about_delisting(
        profile=profile, designation=designation, delisted_at=delisted_at
    )
    if asking.exists():
        return None
    version = designation.current_version
    case = _create(
        actor=actor,
        kind=Case.Kind.DELISTING,
        profile=profile,
        question=f"{designation.primary_name} was delisted. What follows for {profile}?",
        because=(
            f"{designation.source.short_name} {designation.entry_key} was delisted. "
            "Its hold stands until two people release it."
        ),
        clock_began_at=delisted_at,
        also_captured=[evidence.of_designation(version)] if version else [],
    )
    CaseDesignation.objects.create(case=case, designation=designation)
    return case


@transaction.atomic
def open_for_incident(*, actor: Actor, incident: Incident) -> Case | None:
    """Ask people for the cause of an incident. None if a case asks already."""
    profile = lock_profile(incident.profile_id)
    if CaseIncident.objects.filter(incident=incident).exists():
        return None
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


@transaction.atomic
def open_for_review(*, actor: Actor, profile: Profile, reason: str) -> Case | None:
    """Ask other people whether an account stays down. None if a review is open already."""
    locked = lock_profile(profile.pk)
    if CaseProfile.objects.filter(
        profile=locked, is_open=True, case__kind=Case.Kind.APPEAL
    ).exists():
        return None
    return _create(
        actor=actor,
        kind=Case.Kind.APPEAL,
        profile=locked,
        question=f"Does {locked} stay down?",
        because=reason,
        clock_began_at=timezone.now(),
    )


@transaction.atomic
def open_for_report(*, actor: Actor, profile: Profile) -> Case:
    """Open a case for an account that a report speaks of, or return the one that is open.

    An open primary case comes first. What is opened holds nothing of the report, not even its
    day: the clock runs from now. `cases.reports` links the two.
    """
    locked = lock_profile(profile.pk)
    open_already = (
        Case.objects.filter(
            Q(case_profiles__is_primary=True) | Q(kind=Case.Kind.REPORT),
            case_profiles__profile=locked,
            case_profiles__is_open=True,
        )
        .order_by("-case_profiles__is_primary", "pk")
        .first()
    )
    return open_already or _create(
        actor=actor,
        kind=Case.Kind.REPORT,
        profile=locked,
        question=f"What follows for {locked}?",
        because="A confidential report",
        clock_began_at=timezone.now(),
    )


def _create(
    *,
    actor: Actor,
    kind: Case.Kind,
    profile: Profile,
    question: str,
    because: str,
    clock_began_at: datetime,
    priority: Case.Priority | None = None,
    also_captured: Iterable[Capture] = (),
) -> Case:
    high_reach = profile.has_high_reach
    # A list published months ago must not make a case overdue before anybody could see it.
    began_at = max(clock_began_at, timezone.now() - timedelta(hours=1))
    if priority is None:
        priority = Case.Priority.RAISED if high_reach else Case.Priority.ROUTINE
    case = Case.objects.create(
        kind=kind,
        priority=priority,
        question=evidence.shortened(question, 300),
        opened_because=evidence.shortened(because, 300),
        due_at=due_at(kind, began_at, high_reach=high_reach),
        clock_began_at=clock_began_at,
        reach=profile.reach,
    )
    CaseProfile.objects.create(case=case, profile=profile, is_primary=kind in Case.PRIMARY_KINDS)
    evidence.capture(
        actor=actor, case=case, captures=[evidence.of_profile(profile), *also_captured]
    )
    audit.record(
        actor=actor,
        verb="case.opened",
        target=case,
        about=[profile],
        changes={"kind": kind, "case_version": case.version},
        reason=because,
    )
    return case


def _still_waiting(matches: list[Match]) -> list[Match]:
    """The matches that no case has taken up, asked for with the profile's row locked."""
    ids = {match.pk for match in matches}
    waiting = Match.objects.filter(pk__in=ids, adjudication=Match.Adjudication.OPEN)
    taken_up = CaseMatch.objects.filter(match=OuterRef("pk"))
    free = set(waiting.exclude(Exists(taken_up)).values_list("pk", flat=True))
    return [match for match in matches if match.pk in free]


def _join(*, actor: Actor, case: Case, matches: list[Match]) -> Case:
    locked = writes.lock(case)
    _attach(case=locked, matches=matches)
    evidence.capture(actor=actor, case=locked, captures=_captures(matches))
    writes.move_on(
        locked,
        actor=actor,
        verb="case.match_joined",
        changes={"matches": [match.pk for match in matches]},
    )
    return locked


def _attach(*, case: Case, matches: list[Match]) -> None:
    CaseMatch.objects.bulk_create(CaseMatch(case=case, match=match) for match in matches)
    CaseDesignation.objects.bulk_create(
        [CaseDesignation(case=case, designation_id=match.designation_id) for match in matches],
        ignore_conflicts=True,
    )


def _captures(matches: list[Match]) -> list[Capture]:
    return [evidence.of_designation(match.designation_version) for match in matches]


def _published_at(match: Match) -> datetime:
    return match.designation_version.valid_from
