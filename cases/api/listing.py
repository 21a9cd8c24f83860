"""A page of cases as the API lists them, written without a serializer for each row.

It says of a case what `CaseSerializer` says, which describes it in the document; a test holds
the two together. One query for the profiles of a whole page.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from cases.models import Case, CaseProfile

# What the API calls a field of a profile, and where it stands.
PROFILE_FIELDS = {
    "id": "profile_id",
    "platform": "profile__platform__slug",
    "handle": "profile__handle",
    "display_name": "profile__display_name",
    "reach": "profile__reach",
    "observed_state": "profile__observed_state",
    "is_held": "profile__is_held",
    "is_primary": "is_primary",
}


def listed(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return these cases, loaded with their assignee and lease holder, in the same order."""
    now = timezone.now()
    profiles = _profiles(cases)
    return [
        {
            "number": case.number,
            "label": case.label,
            "kind": case.kind,
            "state": case.state,
            "priority": case.priority,
            "question": case.question,
            "opened_because": case.opened_because,
            "version": case.version,
            "is_restricted": case.is_restricted,
            "opened_at": _moment(case.opened_at),
            "due_at": _moment(case.due_at),
            "clock_began_at": _moment(case.clock_began_at),
            "closed_at": case.closed_at and _moment(case.closed_at),
            "reach": case.reach,
            "assignee": case.assignee and _person(case.assignee),
            "lease": _lease(case, now),
            "profiles": profiles[case.number],
        }
        for case in cases
    ]


def _profiles(cases: Sequence[Case]) -> defaultdict[int, list[dict[str, Any]]]:
    links = CaseProfile.objects.filter(case__in=[case.number for case in cases])
    shown: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for number, *values in links.order_by("pk").values_list("case_id", *PROFILE_FIELDS.values()):
        shown[number].append(dict(zip(PROFILE_FIELDS, values, strict=True)))
    return shown


def _lease(case: Case, now: datetime) -> dict[str, Any] | None:
    """A lease that ended is none."""
    if case.lease_holder is None or case.lease_ends_at is None or case.lease_ends_at <= now:
        return None
    return {
        "holder": _person(case.lease_holder),
        "ends_at": _moment(case.lease_ends_at),
        "version": case.version,
    }


def _person(person: User) -> dict[str, Any]:
    return {"id": person.pk, "name": person.name}


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
