"""The queue's filters as the page offers them, each value with how many cases it has."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, Value
from django.utils import timezone

from accounts.models import User
from cases import queue
from cases.models import Case, CaseProfile
from cases.models.cases import CaseQuerySet
from platforms.models import Platform


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One filter: a legend and its values, of which one or several may be chosen."""

    name: str
    legend: str
    is_single: bool
    options: list[Option]


def facets(*, user: User, filters: queue.Filters, with_counts: bool) -> list[Facet]:
    """Return the filters, counted over every open case this person may know of.

    Leave the counts out where there are more cases than a page counts: nobody chooses between
    "many" and "many". Four queries, or one without counts.
    """
    platforms = list(Platform.objects.order_by("name", "pk"))
    counts = _counts(queue.open_cases(user), user, platforms) if with_counts else {}
    # That reports exist is told to nobody who has none.
    hidden = set() if counts.get(f"kind:{Case.Kind.REPORT.value}") else {Case.Kind.REPORT}
    kinds = [kind for kind in Case.Kind if kind not in hidden]
    return [
        _several("kind", "Reason", ((k.value, k.label) for k in kinds), filters.kinds, counts),
        _several(
            "state",
            "State",
            ((state.value, state.label) for state in queue.OPEN_STATES),
            filters.states,
            counts,
        ),
        Facet(
            "reach",
            "Reach",
            True,
            [
                Option(str(band), label, counts.get(f"reach:{band}"), filters.reach_over == band)
                for band, label in queue.REACH_BANDS.items()
            ],
        ),
        _several(
            "platform",
            "Platform",
            ((p.slug, f"{p.name}, {p.kind}" if p.kind else p.name) for p in platforms),
            filters.platforms,
            counts,
        ),
        _several("holds", "Holds standing", queue.Standing.choices, filters.holds, counts),
        _several("lease", "Lease", queue.Lease.choices, filters.leases, counts),
    ]


def _several(
    name: str,
    legend: str,
    choices: Iterable[tuple[str, str]],
    chosen: tuple[str, ...],
    counts: dict[str, int],
) -> Facet:
    options = [
        Option(value, label, counts.get(f"{name}:{value}"), value in chosen)
        for value, label in choices
    ]
    return Facet(name, legend, False, options)


def _counts(cases: CaseQuerySet, user: User, platforms: list[Platform]) -> dict[str, int]:
    conditions: dict[str, Q] = {
        **{f"kind:{kind.value}": Q(kind=kind) for kind in Case.Kind},
        **{f"state:{state.value}": Q(state=state) for state in queue.OPEN_STATES},
        **{f"reach:{band}": Q(reach__gt=band) for band in queue.REACH_BANDS if band},
        **queue.lease_conditions(user, timezone.now()),
    }
    counts: dict[str, Any] = cases.order_by().aggregate(
        **{
            "numbers": ArrayAgg("pk", default=Value([])),
            "reach:0": Count("pk"),
            **{name: Count("pk", filter=condition) for name, condition in conditions.items()},
        }
    )
    # By their numbers, which are few: asked by the same conditions again, PostgreSQL may begin
    # at the links, and read as many as there are cases on the desk, closed ones included.
    links = CaseProfile.objects.filter(case__in=counts.pop("numbers")).order_by()
    by_platform = dict(
        links.values_list("profile__platform__slug").annotate(Count("case", distinct=True))
    )
    for platform in platforms:
        counts[f"platform:{platform.slug}"] = by_platform.get(platform.slug, 0)
    held = links.filter(profile__is_held=True).aggregate(n=Count("case", distinct=True))["n"]
    counts[f"holds:{queue.Standing.SOME.value}"] = held
    counts[f"holds:{queue.Standing.NONE.value}"] = counts["reach:0"] - held
    return counts
