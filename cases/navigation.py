"""The main menu: the places a person's roles open, each with what waits there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from cases import queue
from cases.keyset import Count, count_up_to
from cases.visibility import incidents_visible_to

# The menu is a hint on every page: it counts no further than this.
COUNTED_UP_TO = 999
COUNTED = "counted_for_the_menu"


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the desk and the permission that opens it."""

    permission: str
    url_name: str
    icon: str
    label: str
    key: str = ""
    count: Callable[[User], Count] | None = None


@dataclass(frozen=True, slots=True)
class Item:
    url: str
    icon: str
    label: str
    key: str
    count: Count | None
    hot: bool
    current: bool


def _open_cases(user: User) -> Count:
    return count_up_to(queue.open_cases(user), COUNTED_UP_TO)


def _unsettled_incidents(user: User) -> Count:
    return count_up_to(incidents_visible_to(user).unsettled(), COUNTED_UP_TO)


PLACES = (
    Place("cases.view_case", "cases:queue", "queue", "Queue", "q", _open_cases),
    Place("cases.view_coverage", "cases:coverage", "coverage", "Coverage", "c"),
    Place(
        "platforms.view_incident",
        "cases:incidents",
        "drift",
        "Incidents",
        "i",
        _unsettled_incidents,
    ),
    Place("intake.triage_report", "intake:reports", "seal", "Reports"),
    Place("intake.approve_identity_release", "intake:custodians", "seal", "Custodians"),
    Place("intake.agree_legal_hold", "intake:holds", "held", "Legal holds"),
    Place("sanctions.view_list", "cases:lists", "lists", "Lists"),
    Place("accounts.view_audit", "accounts:record", "doc", "Record"),
    Place("accounts.view_roles", "accounts:roles", "roles", "Roles"),
    Place("accounts.manage_people", "accounts:people", "two", "People"),
    Place("platforms.pause_outbound", "cases:platforms", "platform", "Platforms"),
)


def first_page(user: User) -> str | None:
    """Return the address of the first place a person's roles open. None without a role.

    A role that opens no place of the menu yet leads to the person's own page.
    """
    if not user.roles:
        return None
    names = (place.url_name for place in PLACES if user.has_perm(place.permission))
    return reverse(next(names, "accounts:me"))


def navigation(request: HttpRequest) -> dict[str, object]:
    """Give templates the menu and the reader's roles. Pages without a menu cost no query.

    A request that is refused before anybody is known, such as one to a forged host, has no user.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {
        "navigation": partial(_items, request, user),
        "role_line": partial(_role_line, user),
    }


def already_counted(request: HttpRequest, url_name: str, count: Count) -> None:
    """Give the menu a number that the page had to count, so that it is not counted twice."""
    counts = {**getattr(request, COUNTED, {}), url_name: count.up_to(COUNTED_UP_TO)}
    setattr(request, COUNTED, counts)


def _items(request: HttpRequest, user: User) -> list[Item]:
    here = request.resolver_match.view_name if request.resolver_match else ""
    items = []
    for place in PLACES:
        if not user.has_perm(place.permission):
            continue
        count = getattr(request, COUNTED, {}).get(place.url_name)
        if count is None and place.count:
            count = place.count(user)
        items.append(
            Item(
                url=reverse(place.url_name),
                icon=place.icon,
                label=place.label,
                key=place.key,
                count=count,
                hot=place.url_name == "cases:incidents" and bool(count),
                current=here == place.url_name or here in BELOW.get(place.url_name, ()),
            )
        )
    return items


# Pages that belong under a place of the menu.
BELOW = {
    "cases:queue": ("cases:case",),
    "cases:incidents": ("cases:incident",),
    "intake:reports": ("intake:report", "intake:identity", "intake:hold"),
    "intake:holds": ("intake:refuse_hold",),
    "intake:custodians": ("intake:identity_request", "intake:remove_custodian"),
    "cases:lists": ("cases:list",),
    "accounts:roles": ("cases:why", "cases:keepers"),
    "accounts:people": ("accounts:teams",),
}


def _role_line(user: User) -> str:
    """The roles in force, in the order of the table of roles."""
    names = [role.label for role in Role if role in user.roles]
    return ", ".join(names) or "No role yet"
