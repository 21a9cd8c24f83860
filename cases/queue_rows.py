"""What a row of the queue shows: the subject, why it is here, and the holds that stand.

Three queries for a page, however many cases it has, that read no more than is shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q

from cases.models import Case, CaseDesignation, CaseProfile

MARKS: dict[Case.Kind, tuple[str, str]] = {
    # kind: (status family, or "" for plain words; mark)
    Case.Kind.MATCH: ("", "match"),
    Case.Kind.REPORT: ("seal", "seal"),
    Case.Kind.BAN_EVASION: ("", "successor"),
    Case.Kind.NETWORK: ("", "network"),
    Case.Kind.INCIDENT: ("fault", "drift"),
    Case.Kind.AUTHORITY_REQUEST: ("", "doc"),
    Case.Kind.DELISTING: ("wait", "delisted"),
    Case.Kind.APPEAL: ("", "doc"),
}
LISTS_NAMED_AT_MOST = 4


class Subject(NamedTuple):
    """The profile a case is first of all about."""

    handle: str
    reach: int
    platform: str

    def __str__(self) -> str:
        return f"@{self.handle}"


@dataclass(frozen=True, slots=True)
class Row:
    """One case as the queue shows it."""

    case: Case
    profile: Subject | None
    further_profiles: int
    family: str
    mark: str
    entries: str
    standing: int
    lifted: int

    @property
    def subject(self) -> str:
        if self.profile is None:
            return "Sealed subject" if self.case.kind == Case.Kind.REPORT else self.case.label
        return str(self.profile)

    @property
    def why(self) -> str:
        return self.case.opened_because

    @property
    def detail(self) -> str:
        """The list entries it is about, or the state it waits in, or the question."""
        if self.case.state != Case.State.OPEN:
            state = Case.State(self.case.state).label
            return f"{state}; {self.entries}" if self.entries else state
        return self.entries or self.case.question


def rows(cases: Sequence[Case]) -> list[Row]:
    """Return what the page shows of these cases, in the same order."""
    numbers = [case.pk for case in cases]
    subjects = {
        case_id: Subject(handle, reach, platform)
        for case_id, handle, reach, platform in CaseProfile.objects.filter(case__in=numbers)
        .order_by("case_id", "-is_primary", "pk")
        .distinct("case_id")
        .values_list("case_id", "profile__handle", "profile__reach", "profile__platform__name")
    }
    holds = {
        case_id: counted
        for case_id, *counted in CaseProfile.objects.filter(case__in=numbers)
        .order_by()
        .values("case_id")
        .annotate(
            profiles=Count("profile", distinct=True),
            standing=Count("profile__holds", filter=Q(profile__holds__released_at__isnull=True)),
            lifted=Count("profile__holds", filter=Q(profile__holds__released_at__isnull=False)),
        )
        .values_list("case_id", "profiles", "standing", "lifted")
    }
    entries = _entries(numbers)
    built = []
    for case in cases:
        profiles, standing, lifted = holds.get(case.pk, (0, 0, 0))
        family, mark = MARKS[Case.Kind(case.kind)]
        built.append(
            Row(
                case=case,
                profile=subjects.get(case.pk),
                further_profiles=max(profiles - 1, 0),
                family=family,
                mark=mark,
                entries=entries.get(case.pk, ""),
                standing=standing,
                lifted=lifted,
            )
        )
    return built


def _entries(numbers: Sequence[int]) -> dict[int, str]:
    """The list entries of each case, such as "OFAC 23343, UK RUS0109"."""
    named: dict[int, list[str]] = defaultdict(list)
    links = (
        CaseDesignation.objects.filter(case__in=numbers)
        .order_by("pk")
        .values_list(
            "case_id",
            "designation__source__short_name",
            "designation__entry_key",
            "designation__delisted_at",
        )
    )
    for case_id, source, entry_key, delisted_at in links:
        ended = ", delisted" if delisted_at else ""
        named[case_id].append(f"{source} {entry_key}{ended}")
    return {case_id: _some_of(entries) for case_id, entries in named.items()}


def _some_of(entries: list[str]) -> str:
    further = len(entries) - LISTS_NAMED_AT_MOST
    text = ", ".join(entries[:LISTS_NAMED_AT_MOST])
    return f"{text} and {further} more" if further > 0 else text
