"""Who gets what from each address: the table of roles, seen from outside."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEvent, User
from accounts.roles import PERMISSIONS, Role
from config.api import router
from platforms.models import Incident
from tests.api.conftest import Caller
from tests.cases.builders import held_profile, open_match_case
from tests.conftest import person

pytestmark = pytest.mark.django_db

DESK = {Role.MODERATOR, Role.SENIOR_REVIEWER, Role.SANCTIONS_ANALYST, Role.LEGAL_COUNSEL}
WORKERS = {Role.MODERATOR, Role.SENIOR_REVIEWER, Role.LEGAL_COUNSEL}
RECORDERS = {Role.SANCTIONS_ANALYST, Role.ADMINISTRATOR}

# Method, address, body, who gets past the door. Past it, an answer is anything but 401 or 403.
TABLE: list[tuple[str, str, Any, set[Role]]] = [
    ("get", "profiles/", None, DESK),
    ("get", "profiles/{profile}/", None, DESK),
    ("post", "profiles/", {"platform": "lumen-x", "profiles": []}, RECORDERS),
    ("get", "holds/", None, DESK),
    ("get", "holds/{hold}/", None, DESK),
    ("get", "incidents/", None, DESK),
    ("get", "incidents/{incident}/", None, DESK),
    ("get", "matches/", None, DESK),
    ("get", "matches/{match}/", None, DESK),
    ("get", "designations/", None, DESK),
    ("get", "designations/{designation}/", None, DESK),
    ("get", "list-versions/", None, DESK),
    ("get", "list-versions/{list_version}/", None, DESK),
    ("get", "cases/", None, DESK),
    ("get", "cases/{case}/", None, DESK),
    ("post", "cases/{case}/lease/", None, WORKERS),
    ("delete", "cases/{case}/lease/", None, WORKERS),
    ("post", "cases/{case}/decisions/", {}, WORKERS),
    ("post", "cases/{case}/notes/", {"text": "x"}, WORKERS),
    ("get", "decisions/", None, DESK),
    ("get", "decisions/{decision}/", None, DESK),
    ("post", "decisions/{decision}/answer/", {}, DESK),
    ("get", "policies/", None, DESK),
    ("get", "policies/{policy}/", None, DESK),
]


@pytest.fixture
def keys(moderator: User) -> dict[str, Any]:
    """One of everything, by the names that the table uses."""
    profile = held_profile(moderator)
    case = open_match_case(profile)
    match = case.matches.get()
    incident = Incident.objects.create(
        profile=profile, kind=Incident.Kind.DRIFT, began_at=profile.first_seen_at
    )
    decision = profile.decisions.get()
    assert decision.policy is not None
    return {
        "profile": profile.pk,
        "hold": profile.holds.get().pk,
        "incident": incident.pk,
        "match": match.pk,
        "designation": match.designation_id,
        "list_version": match.designation_version.list_version_id,
        "case": case.pk,
        "decision": decision.pk,
        "policy": decision.policy.pk,
    }


def ask(client: APIClient, method: str, address: str, body: Any, keys: dict[str, Any]) -> Any:
    return getattr(client, method)(f"/api/v1/{address.format(**keys)}", body, format="json")


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_past_its_own_doors(
    role: Role, keys: dict[str, Any], call_as: Caller
) -> None:
    client = call_as(person(f"One {role.label}", role))
    for method, address, body, allowed in TABLE:
        answer = ask(client, method, address, body, keys)
        where = f"{role} {method} {address}: {answer.status_code}"
        if role in allowed:
            assert answer.status_code not in (401, 403, 404, 405, 500), where
        else:
            assert answer.status_code == 403, where
            assert answer.json()["code"] == "not_allowed", where


def test_the_table_names_every_address() -> None:
    named = {(method, address.split("{")[0]) for method, address, _, _ in TABLE}
    for pattern in router.urls:
        view: Any = pattern.callback
        for method in view.actions:
            if method != "head":
                prefix = pattern.pattern.regex.pattern.removeprefix("^").split("(")[0].split("/")[0]
                assert (method, f"{prefix}/") in named, f"{method} {pattern.pattern}"


def test_nobody_gets_in_without_a_way_in(keys: dict[str, Any]) -> None:
    for method, address, body, _ in TABLE:
        answer = ask(APIClient(), method, address, body, keys)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_somebody_without_a_role_gets_nothing(stranger: User, keys: dict[str, Any]) -> None:
    client = APIClient()
    client.force_login(stranger)
    for method, address, body, _ in TABLE:
        assert ask(client, method, address, body, keys).status_code == 403


def test_an_administrator_who_is_a_superuser_opens_no_case(
    administrator: User, keys: dict[str, Any], call_as: Caller
) -> None:
    User.objects.filter(pk=administrator.pk).update(is_superuser=True)
    client = call_as(administrator)

    assert client.get("/api/v1/cases/").status_code == 403
    assert client.get(f"/api/v1/cases/{keys['case']}/").status_code == 403


def test_a_token_opens_no_more_than_its_scopes(
    moderator: User, keys: dict[str, Any], call_as: Caller
) -> None:
    client = call_as(moderator, "cases.view_case")

    assert client.get(f"/api/v1/cases/{keys['case']}/").status_code == 200
    assert client.post(f"/api/v1/cases/{keys['case']}/lease/").status_code == 403
    assert client.delete(f"/api/v1/cases/{keys['case']}/lease/").status_code == 403
    assert client.get("/api/v1/profiles/").status_code == 403


def test_a_refusal_by_role_stands_in_the_record(
    analyst: User, keys: dict[str, Any], call_as: Caller
) -> None:
    call_as(analyst).post(f"/api/v1/cases/{keys['case']}/lease/")

    refused = AuditEvent.objects.get(verb="refused")
    assert (refused.actor_user, refused.changes["rule"]) == (analyst, "not_allowed")


def test_a_session_writes_only_with_its_csrf_token(moderator: User, keys: dict[str, Any]) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(moderator)

    assert client.get(f"/api/v1/cases/{keys['case']}/").status_code == 200
    assert client.post(f"/api/v1/cases/{keys['case']}/lease/").status_code == 403


def test_every_permission_that_a_view_names_is_in_the_table_of_roles() -> None:
    known = frozenset().union(*PERMISSIONS.values())
    viewsets: list[Any] = [viewset for _, viewset, _ in router.registry]
    for viewset in viewsets:
        assert set(viewset.permissions.values()) <= known
