"""The flow from a list to open cases: sync, re-screen what changed, open what is due.

The lower rooms write rows: a match, a delisting, an incident. What opens cases is a
sweeper that looks for rows no case knows yet, so a lost message loses nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection
from django.db.models import Exists, F, OuterRef

from accounts.actors import PIPELINE, Actor
from cases import opening
from cases.models import Case, CaseIncident, CaseMatch, HoldBasis
from platforms.models import Hold, Incident, Profile
from sanctions import screening
from sanctions.models import ListVersion, Match

logger = structlog.get_logger(__name__)

# One pass opens at most this many cases of each kind; the next pass goes on.
SWEEP_LIMIT = 1_000
PROFILES_PER_SWEEP = 20_000
# An arbitrary number that names this lock among PostgreSQL's advisory locks.
SWEEP_LOCK = 4_600_001


@dataclass(frozen=True, slots=True)
class Opened:
    """How many cases one pass opened or joined, by what they came from."""

    matches: int = 0
    delistings: int = 0
    incidents: int = 0

    @property
    def total(self) -> int:
        return self.matches + self.delistings + self.incidents


def sweep(*, actor: Actor = PIPELINE) -> Opened:
    """Screen what was not screened yet, then open the cases that follow.

    Only one sweep runs at a time. Another that finds it running leaves at once: whatever
    it came for is found by the running one or by the next.
    """
    with _alone() as is_alone:
        return _sweep(actor) if is_alone else Opened()


@contextmanager
def _alone() -> Iterator[bool]:
    """Hold the sweep's lock for this session, across the transactions of one sweep."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        is_alone = cursor.fetchone() == (True,)
        try:
            yield is_alone
        finally:
            # In a broken transaction nothing can be sent; the lock then ends with the session.
            if is_alone and not connection.needs_rollback:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])


def _sweep(actor: Actor) -> Opened:
    with _going_on_after("screening_failed"):
        _screen(actor)
    return open_due_cases(actor=actor)


def _screen(actor: Actor) -> None:
    for list_version in ListVersion.objects.unscreened().order_by("pk"):
        screening.screen_list_version(actor=actor, list_version=list_version)
    profile_ids = screening.unscreened_profile_ids(limit=PROFILES_PER_SWEEP)
    screening.screen_profiles(actor=actor, profile_ids=profile_ids)


@contextmanager
def _going_on_after(failure: str) -> Iterator[None]:
    """Log what goes wrong, and go on: nothing that is due may wait behind one bad row.

    The row that asks for the work stays, so every later sweep tries again and says so again.
    """
    try:
        yield
    except SoftTimeLimitExceeded:
        # This one is no bad row: the worker is told to stop.
        raise
    except Exception:
        logger.exception(failure)


def open_due_cases(*, actor: Actor = PIPELINE) -> Opened:
    """Open or join a case for each match, delisting and incident that has none."""
    return Opened(
        matches=_open_for_matches(actor),
        delistings=_open_for_delistings(actor),
        incidents=_open_for_incidents(actor),
    )


def _open_for_matches(actor: Actor) -> int:
    """Matches of one profile go to one case. A pair that is held already asks nothing new."""
    held_already = HoldBasis.objects.filter(
        hold__profile=OuterRef("profile"),
        hold__released_at__isnull=True,
        designation=OuterRef("designation"),
    )
    waiting = (
        Match.objects.filter(adjudication=Match.Adjudication.OPEN)
        .filter(designation__delisted_at__isnull=True)
        .exclude(Exists(CaseMatch.objects.filter(match=OuterRef("pk"))))
        .exclude(Exists(held_already))
        .select_related("designation__source", "designation_version__list_version__source")
        .order_by("profile_id", "-score")[:SWEEP_LIMIT]
    )
    by_profile: dict[int, list[Match]] = defaultdict(list)
    for match in waiting:
        match.designation_version.designation = match.designation
        by_profile[match.profile_id].append(match)
    profiles = Profile.objects.select_related("platform").in_bulk(by_profile)
    return _count_opened(
        partial(opening.open_for_matches, actor=actor, profile=profiles[pk], matches=matches)
        for pk, matches in by_profile.items()
    )


def _open_for_delistings(actor: Actor) -> int:
    """A hold whose designation was delisted asks people what follows. It is not lifted."""
    asked_already = Case.objects.asking_about_delisting(
        profile=OuterRef("hold__profile"),
        designation=OuterRef("designation"),
        delisted_at=OuterRef("designation__delisted_at"),
    )
    waiting = (
        HoldBasis.objects.filter(
            hold__released_at__isnull=True,
            hold__kind=Hold.Kind.DESIGNATION,
            designation__delisted_at__isnull=False,
        )
        .exclude(Exists(asked_already))
        .select_related(
            "hold__profile__platform",
            "designation__source",
            "designation__current_version__list_version__source",
        )
        .order_by("hold_id")[:SWEEP_LIMIT]
    )
    return _count_opened(
        partial(
            opening.open_for_delisting,
            actor=actor,
            profile=basis.hold.profile,
            designation=basis.designation,
        )
        for basis in waiting
        if basis.designation is not None
    )


def _open_for_incidents(actor: Actor) -> int:
    waiting = (
        Incident.objects.unsettled()
        .exclude(Exists(CaseIncident.objects.filter(incident=OuterRef("pk"))))
        .select_related("profile__platform")
        .order_by(F("seen_at"), "pk")[:SWEEP_LIMIT]
    )
    return _count_opened(
        partial(opening.open_for_incident, actor=actor, incident=incident) for incident in waiting
    )


def _count_opened(openings: Iterable[Callable[[], Case | None]]) -> int:
    """Open one after the other, each in its own transaction, and count what was opened."""
    opened = 0
    for open_case in openings:
        with _going_on_after("case_not_opened"):
            opened += open_case() is not None
    return opened
