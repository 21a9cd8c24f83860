"""The queue's reads: which open cases, in which order, a page at a time.

Everything starts at `Case.objects.visible_to(user)`, and every order has an index of its
own over the cases that are not settled.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from cases.keyset import PAGE_ROWS, Key, Page
from cases.models import Case, CaseDesignation, CaseProfile
from cases.models.cases import CaseQuerySet
from platforms.models import Profile


class View(models.TextChoices):
    ALL = "all", "All open"
    MINE = "mine", "Mine"
    SECOND = "second", "Waiting for a second reviewer"


class Order(models.TextChoices):
    DUE = "due", "Due first"
    PRIORITY = "priority", "Most urgent"
    REACH = "reach", "Widest reach"
    NEWEST = "newest", "Newest"


class Standing(models.TextChoices):
    NONE = "none", "None yet"
    SOME = "some", "One or more"


class Lease(models.TextChoices):
    FREE = "free", "Free"
    MINE = "mine", "Mine"
    OTHERS = "others", "Someone else"


# No page counts cases any further: beyond it the number changes nothing for the reader, and
# counting would cost more than the page.
COUNTED_UP_TO = 1_000
# What filters leave is counted less far: a thousand cases of a rare mixture may mean reading
# the whole desk.
NARROWED_COUNTED_UP_TO = 200

REACH_BANDS: dict[int, str] = {0: "Any", 100_000: "Over 100 000", 1_000_000: "Over 1 million"}

KEYS: dict[Order, Key] = {
    Order.DUE: Key(("due_at", "number")),
    Order.PRIORITY: Key(("priority", "due_at", "number")),
    Order.REACH: Key(("reach", "number"), descending=True),
    Order.NEWEST: Key(("opened_at", "number"), descending=True),
}

OPEN_STATES = tuple(state for state in Case.State if state != Case.State.CLOSED)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see. An empty field asks for everything."""

    view: View = View.ALL
    order: Order = Order.DUE
    kinds: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    reach_over: int = 0
    holds: tuple[str, ...] = ()
    leases: tuple[str, ...] = ()
    find: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> "Filters":
        """Read an address. A value that is none of ours is passed over: an old link still works."""
        reach = query.get("reach", "")
        return cls(
            view=_choice(View, query.get("view"), View.ALL),
            order=_choice(Order, query.get("order"), Order.DUE),
            kinds=_known(query, "kind", Case.Kind.values),
            states=_known(query, "state", [state.value for state in OPEN_STATES]),
            platforms=tuple(dict.fromkeys(query.getlist("platform"))),
            reach_over=int(reach) if reach in {str(band) for band in REACH_BANDS} else 0,
            holds=_known(query, "holds", Standing.values),
            leases=_known(query, "lease", Lease.values),
            find=query.get("find", "").strip()[:100],
        )

    def to_query(self, **changed: str) -> str:
        """Write the filters as an address again, without what is at its default."""
        pairs: list[tuple[str, str]] = []
        if self.view != View.ALL:
            pairs.append(("view", self.view.value))
        if self.order != Order.DUE:
            pairs.append(("order", self.order.value))
        for name, values in (
            ("kind", self.kinds),
            ("state", self.states),
            ("platform", self.platforms),
            ("holds", self.holds),
            ("lease", self.leases),
        ):
            pairs += [(name, value) for value in values]
        if self.reach_over:
            pairs.append(("reach", str(self.reach_over)))
        if self.find:
            pairs.append(("find", self.find))
        pairs = [pair for pair in pairs if pair[0] not in changed]
        return urlencode([*pairs, *((name, value) for name, value in changed.items() if value)])

    @property
    def asks_for_all(self) -> bool:
        """Tell whether every open case is asked for, in whatever order."""
        return self.view == View.ALL and not self.narrows

    @property
    def counted_up_to(self) -> int:
        return NARROWED_COUNTED_UP_TO if self.narrows else COUNTED_UP_TO

    @property
    def narrows(self) -> bool:
        """Tell whether anything but the view and the order is set."""
        return bool(
            self.kinds
            or self.states
            or self.platforms
            or self.reach_over
            or self.holds
            or self.leases
            or self.find
        )


def open_cases(user: User) -> CaseQuerySet:
    """Every case this person may know of that is not settled."""
    return Case.objects.visible_to(user).unsettled()


def select(*, user: User, filters: Filters) -> CaseQuerySet:
    """Return the cases the filters ask for, in no order yet."""
    return narrow(open_cases(user), user=user, filters=filters)


def narrow(cases: CaseQuerySet, *, user: User, filters: Filters) -> CaseQuerySet:
    """Return those of the cases that the filters ask for, in no order yet."""
    now = timezone.now()
    if filters.view == View.MINE:
        cases = cases.filter(Q(assignee=user) | Q(lease_holder=user, lease_ends_at__gt=now))
    elif filters.view == View.SECOND:
        cases = cases.filter(state=Case.State.PROPOSED)
    if filters.kinds:
        cases = cases.filter(kind__in=filters.kinds)
    if filters.states:
        cases = cases.filter(state__in=filters.states)
    if filters.reach_over:
        cases = cases.filter(reach__gt=filters.reach_over)
    about: dict[str, Any] = {}
    if filters.platforms:
        about["profile__platform__slug__in"] = filters.platforms
    if filters.holds == (Standing.SOME,):
        about["profile__is_held"] = True
    if about:
        cases = cases.filter(_about(**about))
    if filters.holds == (Standing.NONE,):
        cases = cases.filter(~_about(profile__is_held=True))
    if filters.leases:
        cases = cases.filter(_leased(filters.leases, user, now))
    if filters.find:
        cases = _find(cases, filters.find)
    return cases


def ordered(*, user: User, filters: Filters) -> CaseQuerySet:
    """Return the cases the filters ask for, in their order: what `claim_next` takes from."""
    cases = KEYS[filters.order].order(select(user=user, filters=filters))
    assert isinstance(cases, CaseQuerySet)  # noqa: S101  ordering keeps the class
    return cases


def page(
    *, user: User, filters: Filters, after: str = "", before: str = "", size: int = PAGE_ROWS
) -> Page[Case]:
    """Return one page of the queue. Raises `BadRequest` for a cursor that is none of ours."""
    cases = select(user=user, filters=filters)
    return page_of(cases, filters=filters, after=after, before=before, size=size)


def page_of(
    cases: CaseQuerySet,
    *,
    filters: Filters,
    after: str = "",
    before: str = "",
    size: int = PAGE_ROWS,
) -> Page[Case]:
    """Return one page of cases that were selected already, in the order of the filters."""
    shown = cases.select_related("lease_holder")
    return KEYS[filters.order].page(shown, after=after, before=before, size=size)


def _about(**lookups: Any) -> Exists:
    return Exists(CaseProfile.objects.filter(case=OuterRef("pk"), **lookups))


def lease_conditions(user: User, at: datetime) -> dict[str, Q]:
    """What each value of the lease filter means for this reader, by "lease:" and the value."""
    # The holder is named so that the index over leased cases answers.
    in_force = Q(lease_holder__isnull=False, lease_ends_at__gt=at)
    return {
        f"lease:{Lease.FREE.value}": Q(lease_ends_at__isnull=True) | Q(lease_ends_at__lte=at),
        f"lease:{Lease.MINE.value}": in_force & Q(lease_holder=user),
        f"lease:{Lease.OTHERS.value}": in_force & ~Q(lease_holder=user),
    }


def _leased(leases: tuple[str, ...], user: User, at: datetime) -> Q:
    by_value = lease_conditions(user, at)
    wanted = Q()
    for lease in leases:
        wanted |= by_value[f"lease:{lease}"]
    return wanted


def _find(cases: CaseQuerySet, text: str) -> CaseQuerySet:
    """A case number, the beginning of a handle, or words of a listed name."""
    number = text.upper().removeprefix("HF-")
    if number.isascii() and number.isdigit() and len(number) < 19:
        return cases.filter(pk=int(number))
    profiles = Profile.objects.alias(folded=Lower("handle")).filter(
        folded__startswith=text.removeprefix("@").lower()
    )
    designations = CaseDesignation.objects.all()
    for word in text.split():
        designations = designations.filter(designation__primary_name__icontains=word)
    found = (
        CaseProfile.objects.filter(profile__in=profiles)
        .values("case")
        .union(designations.values("case"))
    )
    return cases.filter(pk__in=found)


def _choice(choices: type[View] | type[Order], value: str | None, default: Any) -> Any:
    return choices(value) if value in choices.values else default


def _known(query: QueryDict, name: str, values: list[str]) -> tuple[str, ...]:
    asked = set(query.getlist(name))
    return tuple(value for value in values if value in asked)
