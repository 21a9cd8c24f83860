"""Coverage: every listed person against every platform, with a decision or the lack of one.

A cell is worked out from what is there: the match, the holds, the last reading. Eight
queries for a page, however many people and platforms it shows.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from cases.keyset import Key, Page
from cases.models import Case, CaseMatch, Decision
from cases.visibility import incidents_visible_to, matches_visible_to
from platforms.models import Hold, Incident, ObservedState, Platform, Profile
from platforms.models.holds import KEEPS_DOWN
from sanctions.models import Designation, ListVersion, Match, Source

KEY = Key(("primary_name", "id"))
KINDS = (Designation.Kind.PERSON, Designation.Kind.ORGANISATION)


class State(models.TextChoices):
    """How one profile stands towards one listed person. The most pressing comes first."""

    DRIFT = "drift", "Drift"
    UNDECIDED = "undecided", "Undecided"
    NOT_READ = "not_read", "Held, not read"
    DOWN = "down", "Down"
    DOWN_UNDEMANDED = "down_undemanded", "Down, no hold"
    UP = "up", "Up, basis recorded"
    NOT_FOUND = "not_found", "Not found"


LOOKS: dict[State, tuple[str, str]] = {
    # state: (status family, mark)
    State.DRIFT: ("fault", "drift"),
    State.UNDECIDED: ("wait", "wait"),
    State.NOT_READ: ("wait", "nodata"),
    State.DOWN: ("held", "held"),
    State.DOWN_UNDEMANDED: ("quiet", "held"),
    State.UP: ("clear", "clear"),
    State.NOT_FOUND: ("quiet", "quiet"),
}
# States in which an account of a listed person may be reached by the public unanswered.
OPEN_STATES = frozenset({State.DRIFT, State.UNDECIDED})
PRESSING = list(State)


@dataclass(frozen=True, slots=True)
class Filters:
    find: str = ""
    source: str = ""
    with_all: bool = False
    """Show listed people with no account found as well."""


@dataclass(frozen=True, slots=True)
class Account:
    """One matched profile as a cell shows it."""

    state: State
    profile: Profile
    detail: str
    case: Case | None

    @property
    def shows_due(self) -> bool:
        return self.state == State.UNDECIDED and self.case is not None and not self.case.is_settled


@dataclass(frozen=True, slots=True)
class Cell:
    """What one platform has of one listed person: the most pressing account, and how many more."""

    account: Account | None
    further: int

    @property
    def state(self) -> State:
        return self.account.state if self.account else State.NOT_FOUND

    @property
    def family(self) -> str:
        return LOOKS[self.state][0]

    @property
    def mark(self) -> str:
        return LOOKS[self.state][1]


@dataclass(frozen=True, slots=True)
class ListGroup:
    """Lists that say the same of a person. Lists are never merged into one verdict."""

    family: str
    mark: str
    word: str
    names: str


@dataclass(frozen=True, slots=True)
class Row:
    designation: Designation
    lists: list[ListGroup]
    cells: list[Cell]
    open_reach: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole, above the table. Reach is counted in followers."""

    undecided: int
    undecided_reach: int
    held: int
    held_reach: int
    drifting: int


def select(*, user: User, filters: Filters) -> QuerySet[Designation]:
    """Return the listed people and organisations the filters ask for, in no order yet."""
    designations = Designation.objects.filter(kind__in=KINDS).select_related("source")
    if not filters.with_all:
        found = matches_visible_to(user).filter(designation=OuterRef("pk"))
        designations = designations.filter(Exists(found))
    if filters.source:
        designations = designations.filter(source__slug=filters.source)
    for word in filters.find.split():
        designations = designations.filter(Q(primary_name__icontains=word) | Q(entry_key=word))
    return designations


def page(*, user: User, filters: Filters, after: str = "", before: str = "") -> Page[Designation]:
    return KEY.page(select(user=user, filters=filters), after=after, before=before)


def figures(user: User) -> Figures:
    undecided = Profile.objects.filter(
        Exists(matches_visible_to(user).undecided().filter(profile=OuterRef("pk"))), is_held=False
    ).aggregate(number=Count("pk"), reach=Sum("reach"))
    held = Profile.objects.held().aggregate(number=Count("pk"), reach=Sum("reach"))
    drifting = incidents_visible_to(user).filter(
        kind=Incident.Kind.DRIFT, state=Incident.State.OPEN
    )
    return Figures(
        undecided=undecided["number"],
        undecided_reach=undecided["reach"] or 0,
        held=held["number"],
        held_reach=held["reach"] or 0,
        drifting=drifting.count(),
    )


def rows(
    *, user: User, designations: Iterable[Designation], platforms: list[Platform]
) -> list[Row]:
    """Return what the table shows of these designations, one cell for each platform."""
    listed = list(designations)
    accounts = _accounts(user, listed)
    not_loaded = _not_loaded()
    built = []
    for designation in listed:
        of_person = accounts[designation.pk]
        cells = [
            _cell([account for account in of_person if account.profile.platform_id == platform.pk])
            for platform in platforms
        ]
        built.append(
            Row(
                designation=designation,
                lists=_lists(designation, not_loaded),
                cells=cells,
                open_reach=sum(a.profile.reach for a in of_person if a.state in OPEN_STATES),
            )
        )
    return built


def _cell(accounts: list[Account]) -> Cell:
    if not accounts:
        return Cell(None, 0)
    first = min(accounts, key=lambda a: (PRESSING.index(a.state), -a.profile.reach))
    return Cell(first, len(accounts) - 1)


def _accounts(user: User, designations: list[Designation]) -> dict[int, list[Account]]:
    """The matched profiles of each designation: the newest match of each pair counts."""
    matches = list(
        matches_visible_to(user)
        .filter(designation__in=designations)
        .select_related("profile__platform")
        .order_by("designation_id", "profile_id", "-found_at", "-pk")
        .distinct("designation_id", "profile_id")
    )
    profiles = {match.profile_id for match in matches}
    holds = {
        counted["profile_id"]: counted
        for counted in Hold.objects.filter(profile__in=profiles, effect__in=KEEPS_DOWN)
        .values("profile_id")
        .order_by()
        .annotate(
            standing=Count("pk", filter=Q(released_at__isnull=True)),
            lifted=Count("pk", filter=Q(released_at__isnull=False)),
        )
    }
    visible = Case.objects.visible_to(user)
    cases: dict[int, Case] = {}
    links = CaseMatch.objects.filter(match__in=matches, case__in=visible).select_related("case")
    for link in links.order_by("case__closed_at", "case_id"):
        cases.setdefault(link.match_id, link.case)
    decisions = {
        decision.profile_id: decision
        for decision in Decision.objects.filter(
            profile__in=profiles, case__in=visible, state=Decision.State.APPROVED
        )
        .order_by("profile_id", "-settled_at", "-pk")
        .distinct("profile_id")
    }
    now = timezone.now()
    accounts: dict[int, list[Account]] = defaultdict(list)
    for match in matches:
        counted = holds.get(match.profile_id, {"standing": 0, "lifted": 0})
        state = _state(match, counted["standing"], now)
        if state in (State.UP, State.DOWN_UNDEMANDED):
            detail = _basis(match, decisions.get(match.profile_id))
        else:
            detail = _holds_in_words(counted["standing"], counted["lifted"])
        accounts[match.designation_id].append(
            Account(state, match.profile, detail, cases.get(match.pk))
        )
    return accounts


def _state(match: Match, standing: int, now: datetime) -> State:
    observed = match.profile.observed_state
    if standing:
        if observed == ObservedState.ACTIVE:
            return State.DRIFT
        unread = observed in (ObservedState.NOT_READ, ObservedState.UNREADABLE)
        return State.NOT_READ if unread or match.profile.is_stale(now) else State.DOWN
    if match.adjudication in (Match.Adjudication.OPEN, Match.Adjudication.UNSURE):
        return State.UNDECIDED
    if match.adjudication == Match.Adjudication.CONFIRMED and observed in (
        ObservedState.SUSPENDED,
        ObservedState.WITHHELD,
    ):
        return State.DOWN_UNDEMANDED
    return State.UP


def _basis(match: Match, decision: Decision | None) -> str:
    if match.adjudication == Match.Adjudication.NO_MATCH:
        return "Another person"
    return decision.get_outcome_display() if decision else "Confirmed, nothing demanded"


def _holds_in_words(standing: int, lifted: int) -> str:
    if not standing and not lifted:
        return ""
    words = "1 hold" if standing == 1 else f"{standing} holds"
    return f"{words}, {lifted} lifted" if lifted else words


def _not_loaded() -> list[str]:
    """Lists we follow and have no accepted version of. Absence there means nothing."""
    accepted = ListVersion.objects.accepted().filter(source=OuterRef("pk"))
    return list(
        Source.objects.filter(~Exists(accepted), is_active=True)
        .order_by("short_name")
        .values_list("short_name", flat=True)
    )


def _lists(designation: Designation, not_loaded: list[str]) -> list[ListGroup]:
    name = designation.source.short_name
    if designation.delisted_at is None:
        groups = [ListGroup("held", "listed", "Listed", name)]
    else:
        on = f"{designation.delisted_at.day} {designation.delisted_at:%b %Y}"
        groups = [ListGroup("wait", "delisted", "Delisted", f"{name} {on}")]
    if not_loaded:
        groups.append(ListGroup("quiet", "nodata", "Not loaded", " · ".join(not_loaded)))
    return groups
