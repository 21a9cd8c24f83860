"""Decisions over HTTP: the same verbs, the same refusals, told to programs."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.actors import PIPELINE
from accounts.models import AuditEvent, User
from cases import leases, notes, opening
from cases.models import Case, Decision
from platforms.models import Enforcement, Hold
from tests.api.conftest import Caller
from tests.cases.builders import (
    held_profile,
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    policy,
    propose,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db: None) -> Case:
    return open_match_case()


def address(case: Case, rest: str = "") -> str:
    return f"/api/v1/cases/{case.number}/{rest}"


def lease(client: APIClient, case: Case) -> int:
    """Lease the case and return the version to decide on."""
    version: int = client.post(address(case, "lease/")).json()["version"]
    return version


def proposal(case: Case, **fields: Any) -> dict[str, Any]:
    return {
        "outcome": "suspend",
        "reasons": "Same name and birth date.",
        "policy": policy().pk,
        "designations": list(case.designations.values_list("pk", flat=True)),
        "based_on": case.version,
        **fields,
    }


def test_a_suspension_of_modest_reach_takes_effect(
    moderator: User, call_as: Caller, case: Case
) -> None:
    client = call_as(moderator)
    version = lease(client, case)

    answer = client.post(
        address(case, "decisions/"), proposal(case, based_on=version), format="json"
    )

    assert answer.status_code == 201
    assert answer.json()["state"] == "approved"
    assert Hold.objects.standing().filter(profile__cases=case).count() == 1
    case.refresh_from_db()
    assert case.is_settled


def test_a_restore_while_holds_stand_is_refused_and_names_each(
    senior: User, moderator: User, call_as: Caller
) -> None:
    profile = held_profile(moderator)
    case = open_match_case(profile)
    client = call_as(senior)
    version = lease(client, case)

    answer = client.post(
        address(case, "decisions/"),
        proposal(case, outcome="restore", based_on=version),
        format="json",
    )

    assert answer.status_code == 409
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "holds_stand"
    assert (problem["status"], problem["title"]) == (409, "Conflict")
    standing = profile.holds.get()
    assert [(hold["id"], hold["title"]) for hold in problem["holds"]] == [
        (standing.pk, standing.title)
    ]
    assert standing.title in problem["detail"]
    assert not Enforcement.objects.filter(action="restore").exists()
    refused = AuditEvent.objects.get(verb="refused")
    assert (refused.actor_user, refused.changes["rule"]) == (senior, "holds_stand")
    assert refused.object_id == str(case.number)


def test_there_is_no_other_way_to_restore(senior: User, moderator: User, call_as: Caller) -> None:
    profile = held_profile(moderator)
    client = call_as(senior)
    for method in ("post", "put", "patch", "delete"):
        for place in (
            f"profiles/{profile.pk}/",
            f"profiles/{profile.pk}/restore/",
            f"holds/{profile.holds.get().pk}/",
        ):
            answer = getattr(client, method)(f"/api/v1/{place}", {}, format="json")
            assert answer.status_code in (404, 405)
            assert answer.headers["Content-Type"] == "application/problem+json"
    assert profile.holds.standing().count() == 1


def test_a_decision_on_a_stale_version_is_refused_with_what_changed(
    moderator: User, call_as: Caller, case: Case
) -> None:
    client = call_as(moderator)
    seen = lease(client, case)
    profile = case.profiles.get()
    second = make_match(profile, make_designation("KADYROV, R."))
    opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[second])

    answer = client.post(address(case, "decisions/"), proposal(case, based_on=seen), format="json")

    assert answer.status_code == 409
    problem = answer.json()
    assert problem["code"] == "stale_page"
    assert (problem["based_on"], problem["version"]) == (seen, seen + 1)
    assert [change["verb"] for change in problem["changes"]] == ["case.match_joined"]
    assert not Decision.objects.exists()


def test_a_note_makes_no_version_stale(
    moderator: User, other_moderator: User, call_as: Caller, case: Case
) -> None:
    client = call_as(moderator)
    seen = lease(client, case)
    notes.add_note(actor=other_moderator, case=case, text="Same man, I think.")

    answer = client.post(address(case, "decisions/"), proposal(case, based_on=seen), format="json")

    assert answer.status_code == 201


def test_it_refuses_a_decision_without_a_lease(
    moderator: User, call_as: Caller, case: Case
) -> None:
    answer = call_as(moderator).post(address(case, "decisions/"), proposal(case), format="json")

    assert answer.status_code == 409
    assert answer.json()["code"] == "lease_missing"


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"outcome": "delete_everything"}, "outcome"),
        ({"outcome": ["suspend"]}, "outcome"),
        ({"reasons": "  "}, "reasons"),
        ({"policy": 10**30}, "policy"),
        ({"policy": True}, "policy"),
        ({"designations": [999_999]}, "designations"),
        ({"designations": ["x"]}, "designations"),
        ({"designations": 5}, "designations"),
        ({"holds": [999_999]}, "holds"),
        ({"holds": [10**30]}, "holds"),
        ({"list_version": 999_999}, "list_version"),
        ({"based_on": None}, "based_on"),
        ({"based_on": 10**30}, "based_on"),
        ({"needs_second": False}, "needs_second"),
        ({"state": "approved"}, "state"),
        ({"proposer": 1}, "proposer"),
    ],
)
def test_it_names_what_is_wrong_with_a_proposal(
    moderator: User, call_as: Caller, case: Case, fields: dict[str, Any], wrong: str
) -> None:
    client = call_as(moderator)
    version = lease(client, case)

    answer = client.post(
        address(case, "decisions/"),
        proposal(case, **{"based_on": version, **fields}),
        format="json",
    )

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [wrong]
    assert not Decision.objects.exists()


def test_it_refuses_holds_of_another_profile(moderator: User, call_as: Caller, case: Case) -> None:
    other = held_profile(moderator).holds.get()
    client = call_as(moderator)
    version = lease(client, case)

    answer = client.post(
        address(case, "decisions/"),
        proposal(case, outcome="need_more", holds=[other.pk], based_on=version),
        format="json",
    )

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["holds"]


def waiting(moderator: User) -> Decision:
    case = open_match_case(make_profile(reach=3_200_000))
    return propose(
        moderator, case, Decision.Outcome.SUSPEND, designations=list(case.designations.all())
    )


def answer_of(client: APIClient, decision: Decision, **fields: Any) -> Any:
    decision.case.refresh_from_db()
    return client.post(
        f"/api/v1/decisions/{decision.pk}/answer/",
        {"is_approved": True, "based_on": decision.case.version, **fields},
        format="json",
    )


def test_a_second_person_says_yes(moderator: User, senior: User, call_as: Caller) -> None:
    decision = waiting(moderator)

    answer = answer_of(call_as(senior), decision)

    assert answer.status_code == 200
    assert answer.json()["state"] == "approved"
    assert answer.json()["approval"]["approver"]["name"] == senior.name
    assert Hold.objects.standing().count() == 1


def test_nobody_answers_their_own_proposal(senior: User, call_as: Caller) -> None:
    decision = waiting(senior)

    answer = answer_of(call_as(senior), decision)

    assert answer.status_code == 403
    assert answer.json()["code"] == "own_proposal"
    assert AuditEvent.objects.filter(verb="refused", changes__rule="own_proposal").exists()


def withdrawal_of(client: APIClient, decision: Decision) -> Any:
    decision.case.refresh_from_db()
    return client.post(
        f"/api/v1/decisions/{decision.pk}/withdraw/",
        {"based_on": decision.case.version},
        format="json",
    )


def test_who_proposed_it_takes_it_back_once(moderator: User, call_as: Caller) -> None:
    decision = waiting(moderator)
    client = call_as(moderator)

    answer = withdrawal_of(client, decision)

    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert withdrawal_of(client, decision).json()["code"] == "already_settled"


def test_nobody_else_takes_it_back(moderator: User, senior: User, call_as: Caller) -> None:
    assert withdrawal_of(call_as(senior), waiting(moderator)).status_code == 403


def test_a_no_takes_its_reason(moderator: User, senior: User, call_as: Caller) -> None:
    decision = waiting(moderator)
    client = call_as(senior)

    assert answer_of(client, decision, is_approved=False).status_code == 409
    assert answer_of(client, decision, is_approved=False, reason="Wrong man.").status_code == 200
    decision.refresh_from_db()
    assert decision.state == Decision.State.REJECTED


def test_the_second_click_is_told_so(moderator: User, senior: User, call_as: Caller) -> None:
    decision = waiting(moderator)
    client = call_as(senior)
    answer_of(client, decision)

    again = answer_of(client, decision)

    assert again.status_code == 409
    assert again.json()["code"] == "already_settled"


def test_a_stale_answer_is_refused(moderator: User, senior: User, call_as: Caller) -> None:
    decision = waiting(moderator)

    answer = answer_of(call_as(senior), decision, based_on=1)

    assert answer.status_code == 409
    assert answer.json()["code"] == "stale_page"
    assert answer.json()["changes"]


def test_a_moderator_may_not_answer(
    moderator: User, other_moderator: User, call_as: Caller
) -> None:
    decision = waiting(moderator)

    answer = answer_of(call_as(other_moderator), decision)

    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"


def test_another_reviewers_lease_is_named(
    moderator: User, other_moderator: User, call_as: Caller, case: Case
) -> None:
    leases.take_lease(actor=other_moderator, case=case)

    answer = call_as(moderator).post(address(case, "lease/"))

    assert answer.status_code == 409
    assert answer.json()["code"] == "lease_held"
    assert answer.json()["holder"] == other_moderator.name


def test_a_lease_is_given_back(moderator: User, call_as: Caller, case: Case) -> None:
    client = call_as(moderator)
    lease(client, case)
    assert client.get(address(case)).json()["lease"]["holder"]["name"] == moderator.name

    assert client.delete(address(case, "lease/")).status_code == 204
    assert client.get(address(case)).json()["lease"] is None


def test_a_note_is_kept(moderator: User, call_as: Caller, case: Case) -> None:
    client = call_as(moderator)

    answer = client.post(address(case, "notes/"), {"text": "Ask counsel."}, format="json")

    assert answer.status_code == 201
    assert answer.json()["author"]["name"] == moderator.name
    assert [note["text"] for note in client.get(address(case)).json()["notes"]] == ["Ask counsel."]
    assert client.post(address(case, "notes/"), {"text": " "}, format="json").status_code == 400
