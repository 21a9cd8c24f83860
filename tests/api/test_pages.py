"""Lists: pages by key, filters, and what a wrong one is told."""

import base64
import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from cases.models import Case
from config.rest import CallerThrottle
from platforms.models import Profile
from tests.api.conftest import Caller
from tests.cases.builders import held_profile, make_platform, make_profile, open_match_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(moderator: User, call_as: Caller) -> APIClient:
    return call_as(moderator)


def results(client: APIClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.json()
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def read_to_the_end(client: APIClient, address: str) -> list[list[Any]]:
    pages = []
    next_address = f"/api/v1/{address}"
    while next_address:
        body = client.get(next_address).json()
        pages.append([row.get("id", row.get("number")) for row in body["results"]])
        next_address = body["next"]
    return pages


def test_pages_give_every_row_once(client: APIClient) -> None:
    profiles = [make_profile().pk for _ in range(7)]

    assert read_to_the_end(client, "profiles/?page_size=3") == [
        profiles[:3],
        profiles[3:6],
        profiles[6:],
    ]


def test_rows_that_come_meanwhile_shift_nothing(client: APIClient, moderator: User) -> None:
    holds = [held_profile(moderator).holds.get().pk for _ in range(4)][::-1]
    first = client.get("/api/v1/holds/?page_size=2").json()

    held_profile(moderator)

    assert [row["id"] for row in first["results"]] == holds[:2]
    assert [row["id"] for row in client.get(first["next"]).json()["results"]] == holds[2:]


@pytest.mark.parametrize("order", ["due", "priority", "reach", "newest"])
def test_every_order_of_the_queue_pages_through_all(client: APIClient, order: str) -> None:
    numbers = {open_match_case(make_profile(reach=1000 * (n % 3))).number for n in range(7)}

    pages = read_to_the_end(client, f"cases/?order={order}&page_size=2")

    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert {number for page in pages for number in page} == numbers


@pytest.mark.parametrize("values", ["x", 5, {}, [], ["x"], ["1", "2"], [[]], ["1e9"]])
def test_a_cursor_of_our_own_making_is_asked_for(client: APIClient, values: Any) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()

    answer = client.get("/api/v1/profiles/", {"cursor": cursor})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["cursor"]


@pytest.mark.parametrize("size", ["0", "-1", "201", "x", "1.5", "²", ""])
def test_a_page_size_has_bounds(client: APIClient, size: str) -> None:
    answer = client.get("/api/v1/profiles/", {"page_size": size})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["page_size"]


def test_profiles_are_found_by_platform_handle_hold_and_state(
    client: APIClient, moderator: User
) -> None:
    platform = make_platform(slug="lumen")
    here = make_profile(platform, handle="kadyrov_95")
    held = held_profile(moderator, handle="held_one")
    Profile.objects.filter(pk=here.pk).update(observed_state="active")

    def found(query: str) -> list[int]:
        return [row["id"] for row in results(client, f"profiles/?{query}")]

    assert found("platform=lumen") == [here.pk]
    assert found("handle=kadyrov_95") == [here.pk]
    assert found("held=true") == [held.pk]
    assert found("held=false") == [here.pk]
    assert found("state=active") == [here.pk]
    assert found("platform=nowhere") == []


def test_holds_are_found_by_profile_standing_kind_and_source(
    client: APIClient, moderator: User
) -> None:
    hold = held_profile(moderator).holds.get()
    held_profile(moderator)

    def found(query: str) -> list[int]:
        return [row["id"] for row in results(client, f"holds/?{query}")]

    assert found(f"profile={hold.profile_id}") == [hold.pk]
    assert found(f"profile={hold.profile_id}&standing=true&kind=designation") == [hold.pk]
    assert found("standing=false") == []
    assert len(found("source=ofac-sdn")) == 2
    assert found("kind=court_order") == []


def test_matches_are_found_by_profile_designation_and_adjudication(client: APIClient) -> None:
    match = open_match_case().matches.get()
    open_match_case()

    def found(query: str) -> list[int]:
        return [row["id"] for row in results(client, f"matches/?{query}")]

    assert found(f"profile={match.profile_id}") == [match.pk]
    assert found(f"designation={match.designation_id}&adjudication=open") == [match.pk]
    assert found("adjudication=confirmed") == []


def test_the_queue_is_narrowed_as_on_the_desk(client: APIClient, moderator: User) -> None:
    platform = make_platform(slug="lumen")
    small = open_match_case(make_profile(platform, reach=10))
    large = open_match_case(make_profile(reach=2_000_000))
    waiting = open_match_case()
    Case.objects.filter(pk=waiting.pk).update(state="waiting")
    held_profile(moderator)  # decided: no longer in the queue

    def found(query: str) -> set[int]:
        return {row["number"] for row in results(client, f"cases/?{query}")}

    assert found("") == {small.number, large.number, waiting.number}
    assert found("platform=lumen") == {small.number}
    assert found("reach_over=1000000") == {large.number}
    assert found("state=waiting") == {waiting.number}
    assert found("state=waiting&state=open&kind=match") == found("")
    assert found("held=true") == set()
    assert found(f"profile={small.profiles.get().pk}") == {small.number}
    assert found(f"designation={large.designations.get().pk}") == {large.number}
    client.post(f"/api/v1/cases/{small.number}/lease/")
    assert found("lease=mine") == {small.number}
    assert found("view=mine") == {small.number}


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("profiles/?state=asleep", "state"),
        ("holds/?kind=whim", "kind"),
        ("holds/?profile=1.5", "profile"),
        ("holds/?profile=x", "profile"),
        ("incidents/?state=x", "state"),
        ("matches/?adjudication=maybe", "adjudication"),
        ("cases/?order=random", "order"),
        ("cases/?kind=x", "kind"),
        ("cases/?state=closed", "state"),
        ("cases/?reach_over=-1", "reach_over"),
        ("cases/?find=%00", "find"),
        ("cases/?profile=x", "profile"),
        ("profiles/?handle=%00", "handle"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(
    client: APIClient, address: str, field: str
) -> None:
    answer = client.get(f"/api/v1/{address}")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("key", ["x", "-1", "0", str(10**30), "1.5"])
def test_a_key_of_nothing_is_nowhere(client: APIClient, key: str) -> None:
    for name in ("profiles", "holds", "cases", "decisions", "designations"):
        answer = client.get(f"/api/v1/{name}/{key}/")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_each_token_has_a_limit_of_its_own(
    client: APIClient, senior: User, call_as: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CallerThrottle, "THROTTLE_RATES", {"caller": "3/min"})
    answers = [client.get("/api/v1/profiles/") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert call_as(senior).get("/api/v1/profiles/").status_code == 200
