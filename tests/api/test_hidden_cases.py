"""A case that is hidden from somebody answers 404, and nothing else tells of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import User
from cases.models import Case, CaseIncident, CaseUserAccess, Decision, Recusal
from platforms.models import Incident
from tests.api.conftest import Caller
from tests.cases.builders import make_profile, open_match_case, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(senior: User) -> Case:
    """A restricted case with a decision that waits, a match and an incident."""
    case = open_match_case(make_profile(reach=3_200_000))
    propose(senior, case, Decision.Outcome.SUSPEND, designations=list(case.designations.all()))
    profile = case.profiles.get()
    incident = Incident.objects.create(
        profile=profile, kind=Incident.Kind.DRIFT, began_at=profile.first_seen_at
    )
    CaseIncident.objects.create(case=case, incident=incident)
    Case.objects.filter(pk=case.pk).update(is_restricted=True)
    return case


def addresses(case: Case) -> list[tuple[str, str, Any]]:
    decision = case.decisions.get()
    return [
        ("get", f"cases/{case.number}/", None),
        ("post", f"cases/{case.number}/lease/", None),
        ("delete", f"cases/{case.number}/lease/", None),
        ("post", f"cases/{case.number}/decisions/", {}),
        ("post", f"cases/{case.number}/notes/", {"text": "x"}),
        ("get", f"decisions/{decision.pk}/", None),
        ("post", f"decisions/{decision.pk}/answer/", {}),
        ("get", f"matches/{case.matches.get().pk}/", None),
        ("get", f"incidents/{case.incidents.get().pk}/", None),
    ]


def grant(case: Case, user: User, **fields: Any) -> None:
    permission, _ = Permission.objects.get_or_create(
        codename="view_case",
        content_type=ContentType.objects.get_for_model(Case),
        defaults={"name": "Can view case"},
    )
    CaseUserAccess.objects.create(
        content_object=case, user=user, permission=permission, reason="On the team", **fields
    )


def test_a_hidden_case_answers_as_one_that_does_not_exist(
    moderator: User, call_as: Caller, hidden: Case
) -> None:
    client = call_as(moderator)
    missing = client.get("/api/v1/cases/999999/").json()
    for method, address, body in addresses(hidden):
        answer = getattr(client, method)(f"/api/v1/{address}", body, format="json")
        assert answer.status_code == 404, address
        assert answer.json() == missing


def test_no_list_tells_of_it(moderator: User, call_as: Caller, hidden: Case) -> None:
    client = call_as(moderator)
    for name in ("cases", "decisions", "matches", "incidents"):
        assert client.get(f"/api/v1/{name}/").json()["results"] == [], name
    assert client.get(f"/api/v1/cases/?find={hidden.number}").json()["results"] == []


def test_a_grant_opens_it_until_it_ends(moderator: User, call_as: Caller, hidden: Case) -> None:
    client = call_as(moderator)
    grant(hidden, moderator, ends_at=timezone.now() + timedelta(hours=1))
    assert client.get(f"/api/v1/cases/{hidden.number}/").status_code == 200
    assert len(client.get("/api/v1/decisions/").json()["results"]) == 1

    CaseUserAccess.objects.update(ends_at=timezone.now() - timedelta(seconds=1))

    assert client.get(f"/api/v1/cases/{hidden.number}/").status_code == 404


def test_a_recusal_closes_a_case_that_was_open(moderator: User, call_as: Caller) -> None:
    case = open_match_case()
    client = call_as(moderator)
    assert client.get(f"/api/v1/cases/{case.number}/").status_code == 200

    Recusal.objects.create(case=case, user=moderator, reason="A relative")

    assert client.get(f"/api/v1/cases/{case.number}/").status_code == 404
    assert client.get("/api/v1/matches/").json()["results"] == []
