"""Everything the case page shows, read in a number of queries that does not grow."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import CharField, Func, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, User
from cases import comparison, openness, standing, timeline, visibility
from cases.comparison import Comparison
from cases.decisions import main_profile, permission_to_answer
from cases.models import Case, CustodyEntry, Decision, Evidence, Note, ReportedProfile
from cases.offers import Offer, consequence, offers
from cases.openness import Openness
from cases.standing import Rung, Status, Verdict
from cases.timeline import TimelineRow
from platforms.models import Enforcement, Hold, Incident, Profile
from sanctions.models import Designation, ListVersion, Match, Source

TIMELINE_ROWS = 100
SAME_PERSON_ROWS = 8

# What happened to the account belongs to its history here; other cases about it do not.
_PROFILE_HISTORY = ("hold", "enforcement", "incident", "match", "profile")


@dataclass(frozen=True)
class Sending:
    enforcement: Enforcement
    status: Status


@dataclass(frozen=True)
class ListStatus:
    """What one list says about the person, for the strip under the comparison."""

    name: str
    family: str
    mark: str
    word: str
    entry: str


@dataclass(frozen=True)
class KeptEvidence:
    """Evidence with the hash of what is stored now, taken again as the page was read."""

    evidence: Evidence
    is_intact: bool
    custody: list[CustodyEntry]


@dataclass(frozen=True)
class SamePerson:
    profile: Profile
    status: Status
    case_number: int | None


class Bar(StrEnum):
    """What the foot of the page offers this reader."""

    DECIDE = "decide"
    ANSWER = "answer"
    OWN_PROPOSAL = "own_proposal"
    PROPOSED = "proposed"
    FREE = "free"
    LEASED = "leased"
    READ = "read"
    CLOSED = "closed"


@dataclass(frozen=True)
class CasePage:
    case: Case
    bar: Bar
    at: datetime
    profile: Profile | None
    status: Status | None
    holds: list[Hold]
    rungs: list[Rung]
    verdict: Verdict
    sendings: list[Sending]
    incidents: list[Incident]
    comparisons: list[Comparison]
    chosen: Comparison | None
    lists: list[ListStatus]
    evidence: list[KeptEvidence]
    same_person: list[SamePerson]
    decisions: list[Decision]
    notes: list[Note]
    timeline: list[TimelineRow]
    has_older_events: bool
    offers: list[Offer]
    designations: list[Designation]
    may_ask_for_review: bool
    may_end_actions: bool
    reports: list[ReportedProfile]
    openness: Openness

    @property
    def standing_count(self) -> int:
        return sum(hold.stands for hold in self.holds)

    @property
    def lifted_count(self) -> int:
        return len(self.holds) - self.standing_count

    @property
    def waiting(self) -> Decision | None:
        return _waiting(self.decisions)

    @property
    def decided(self) -> Decision | None:
        """The decision that closed the case."""
        if not self.case.is_settled:
            return None
        return next((d for d in self.decisions if d.state == Decision.State.APPROVED), None)

    @property
    def lease_stands(self) -> bool:
        return self.case.lease_in_force(self.at)

    @property
    def lease_left(self) -> timedelta:
        """How long the lease still lasts, for its holder's countdown."""
        ends_at = self.case.lease_ends_at or self.at
        return max(ends_at - self.at, timedelta(0))

    @property
    def display_name_lang(self) -> str:
        return comparison.script_of(self.profile.display_name) if self.profile else ""

    @property
    def follows(self) -> str:
        """What an approval of the waiting proposal would set going."""
        if self.waiting is None or self.profile is None:
            return ""
        return consequence(self.waiting, profile=self.profile, standing=self.standing_count)

    @property
    def is_overdue(self) -> bool:
        return not self.case.is_settled and self.case.due_at < self.at

    @property
    def is_stale(self) -> bool:
        return self.profile is not None and self.profile.is_stale(self.at)

    @property
    def all_intact(self) -> bool:
        return all(kept.is_intact for kept in self.evidence)


def read(*, case: Case, user: User, match_id: int | None = None) -> CasePage:
    """Read the page of a case this person may see. `match_id` says which match is looked at."""
    at = timezone.now()
    profile = main_profile(case)
    designations = list(case.designations.select_related("source").order_by("pk"))
    holds = _holds(profile)

    behind = {designation.pk for designation in designations}
    behind |= {hold.basis.designation_id for hold in holds if hold.basis.designation_id}
    incidents = list(case.incidents.order_by("-seen_at"))
    matches = _matches(case, profile, behind)
    comparisons = [comparison.compare(match) for match in matches]
    chosen = next(
        (shown for shown in comparisons if shown.match.pk == match_id),
        comparisons[0] if comparisons else None,
    )
    kept = _evidence(case)
    decided = _decisions(case)
    events = _events(case, profile)
    return CasePage(
        case=case,
        bar=_bar(case, user, at, _waiting(decided)),
        at=at,
        profile=profile,
        status=standing.status_of(profile, holds, at) if profile else None,
        holds=holds,
        rungs=standing.ladder_of(holds),
        verdict=standing.verdict_of(holds),
        sendings=_sendings(profile),
        incidents=incidents,
        comparisons=comparisons,
        chosen=chosen,
        lists=_lists([*designations, *([chosen.match.designation] if chosen else [])]),
        evidence=kept,
        same_person=_same_person(user, profile, behind),
        decisions=decided,
        notes=list(case.notes.select_related("author")),
        timeline=timeline.rows(events[:TIMELINE_ROWS], _names(holds, kept)),
        has_older_events=len(events) > TIMELINE_ROWS,
        offers=offers(case=case, designations=designations, holds=holds, incidents=incidents),
        designations=designations,
        may_ask_for_review=user.has_perm("cases.propose_decision")
        and any(hold.keeps_down for hold in holds),
        may_end_actions=user.has_perm("platforms.end_action"),
        reports=list(visibility.reports_behind(case, user).order_by("pk")),
        openness=openness.of(case, user),
    )


def _waiting(decisions: Sequence[Decision]) -> Decision | None:
    """The proposal that waits for its second person."""
    return next((d for d in decisions if d.state == Decision.State.PROPOSED), None)


def _bar(case: Case, user: User, at: datetime, waiting: Decision | None) -> Bar:
    if case.is_settled:
        return Bar.CLOSED
    if waiting is not None:
        if waiting.proposer_id == user.pk:
            return Bar.OWN_PROPOSAL
        may_answer = user.has_perm(permission_to_answer(waiting))
        return Bar.ANSWER if may_answer else Bar.PROPOSED
    if not user.has_perm("cases.propose_decision"):
        return Bar.READ
    if not case.lease_in_force(at):
        return Bar.FREE
    return Bar.DECIDE if case.lease_holder_id == user.pk else Bar.LEASED


def _holds(profile: Profile | None) -> list[Hold]:
    if profile is None:
        return []
    return list(
        profile.holds.select_related(
            "released_by", "basis__designation__source", "basis__designation__current_version"
        ).order_by("placed_at", "pk")
    )


def _sendings(profile: Profile | None) -> list[Sending]:
    if profile is None:
        return []
    unsettled = profile.enforcements.unsettled().order_by("created_at")
    return [Sending(sent, standing.sending_status(sent)) for sent in unsettled]


def _matches(case: Case, profile: Profile | None, behind: Collection[int]) -> list[Match]:
    """The matches the case settles; for the other kinds those behind its designations and holds."""
    about = Q(cases=case)
    if case.kind not in Case.PRIMARY_KINDS:
        about |= Q(profile=profile, designation__in=behind)
    return list(
        Match.objects.filter(about)
        .distinct()
        .select_related(
            "designation__source", "designation_version__list_version", "profile_version"
        )
        .order_by("-score", "pk")
    )


class _Sha256OfStored(Func):
    """PostgreSQL hashes the stored bytes itself, so that they need not travel to the page."""

    template = "encode(sha256(%(expressions)s), 'hex')"
    output_field = CharField()


def _evidence(case: Case) -> list[KeptEvidence]:
    custody = CustodyEntry.objects.select_related("by_user")
    stored = (
        case.evidence.defer("content")
        .annotate(stored_sha256=_Sha256OfStored("content"))
        .prefetch_related(Prefetch("custody", queryset=custody))
        .order_by("-captured_at", "-pk")
    )
    return [
        KeptEvidence(item, item.stored_sha256 == item.sha256, _short(list(item.custody.all())))
        for item in stored
    ]


def _short(custody: list[CustodyEntry]) -> list[CustodyEntry]:
    """The chain without repeated looks by one person: the last look of each."""
    last_looks = {(entry.step, entry.by_user_id, entry.by_service): entry.pk for entry in custody}
    return [entry for entry in custody if entry.pk in last_looks.values()]


def _same_person(user: User, profile: Profile | None, behind: Collection[int]) -> list[SamePerson]:
    """Other profiles that match the same designations, each with a case this person may open."""
    newest_case = Case.objects.visible_to(user).filter(matches=OuterRef("pk")).order_by("-number")
    others = (
        Match.objects.filter(designation__in=behind)
        .exclude(profile=profile)
        .select_related("profile__platform")
        .annotate(case_number=Subquery(newest_case.values("pk")[:1]))
        .order_by("-profile__reach", "profile_id", "-score")[: SAME_PERSON_ROWS * 4]
    )
    first_of_each: dict[int, SamePerson] = {}
    for match in others:
        if match.profile.is_held:
            status = Status("held", "Held")
        elif match.adjudication == Match.Adjudication.CONFIRMED:
            status = Status("clear", "Up, basis recorded")
        else:
            status = comparison.status_of(match)
        first_of_each.setdefault(
            match.profile_id, SamePerson(match.profile, status, match.case_number)
        )
    return list(first_of_each.values())[:SAME_PERSON_ROWS]


def _lists(designations: Sequence[Designation]) -> list[ListStatus]:
    """One status per active list, by the last designation named. Lists are never merged."""
    latest = ListVersion.objects.accepted().filter(source=OuterRef("pk")).order_by("-number")
    sources = (
        Source.objects.filter(is_active=True)
        .annotate(read_at=Subquery(latest.values("fetched_at")[:1]))
        .order_by("short_name", "pk")
    )
    by_source = {designation.source_id: designation for designation in designations}
    return [_list_status(source, by_source.get(source.pk)) for source in sources]


def _list_status(source: Source, designation: Designation | None) -> ListStatus:
    read_at: datetime | None = getattr(source, "read_at", None)
    if designation is None and read_at is None:
        return ListStatus(source.short_name, "quiet", "quiet", "Not loaded", "")
    if designation is None:
        return ListStatus(
            source.short_name, "quiet", "notlisted", "No match", f"read {_day(read_at)}"
        )
    if designation.delisted_at is not None:
        return ListStatus(
            source.short_name,
            "quiet",
            "delisted",
            "Delisted",
            f"{designation.entry_key}, {_day(designation.delisted_at)}",
        )
    return ListStatus(
        source.short_name,
        "held",
        "listed",
        "Listed",
        f"{designation.entry_key}, {designation.listed_at:%Y}",
    )


def _decisions(case: Case) -> list[Decision]:
    return list(
        case.decisions.select_related(
            "proposer", "policy", "list_version__source", "approval__approver"
        )
        .prefetch_related(
            Prefetch("designations", queryset=Designation.objects.select_related("source")),
            "decision_holds__hold",
        )
        .order_by("-proposed_at", "-pk")
    )


def _events(case: Case, profile: Profile | None) -> QuerySet[AuditEvent]:
    about = Q(about__contains=[audit.reference(case)])
    if profile is not None:
        about |= Q(about__contains=[audit.reference(profile)], object_type__in=_PROFILE_HISTORY)
    events = AuditEvent.objects.filter(about).select_related("actor_user").order_by("-at", "-pk")
    return events[: TIMELINE_ROWS + 1]


def _names(holds: Sequence[Hold], kept: Sequence[KeptEvidence]) -> dict[str, str]:
    names = {audit.reference(hold): hold.title for hold in holds}
    return names | {audit.reference(item.evidence): item.evidence.title for item in kept}


def _day(value: datetime | None) -> str:
    return "" if value is None else f"{value.day} {value:%b %Y}"
