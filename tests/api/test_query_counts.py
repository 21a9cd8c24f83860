"""A page of fifty rows costs as many queries as a page of one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.actors import PIPELINE
from accounts.models import User
from cases import notes, opening
from cases.models import Case
from platforms.models import Incident
from tests.api.conftest import Caller
from tests.cases.builders import (
    held_profile,
    make_designation,
    make_match,
    make_platform,
    make_profile,
    open_match_case,
)

pytestmark = pytest.mark.django_db

LISTS = [
    "profiles",
    "holds",
    "incidents",
    "matches",
    "designations",
    "list-versions",
    "cases",
    "decisions",
]


def one_of_each(moderator: User) -> None:
    profile = held_profile(moderator)
    Incident.objects.create(
        profile=profile, kind=Incident.Kind.DRIFT, began_at=profile.first_seen_at
    )
    open_match_case(make_profile())


def queries(client: APIClient, address: str, rows: int | None = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200
    if rows is not None:
        assert len(answer.json()["results"]) == rows
    return len(captured)


def test_every_list_costs_the_same_however_long(moderator: User, call_as: Caller) -> None:
    client = call_as(moderator)
    client.get("/api/v1/profiles/")  # the token's time of last use is written once
    one_of_each(moderator)
    few = {name: queries(client, f"{name}/?page_size=1", rows=1) for name in LISTS}

    for _ in range(50):
        one_of_each(moderator)

    many = {name: queries(client, f"{name}/?page_size=50", rows=50) for name in LISTS}
    assert many == few


def test_a_case_costs_the_same_however_much_it_holds(moderator: User, call_as: Caller) -> None:
    client = call_as(moderator)
    client.get("/api/v1/profiles/")
    small, large = open_match_case(), open_match_case()
    notes.add_note(actor=moderator, case=small, text="The only one")
    few = queries(client, f"cases/{small.number}/")

    fill(large, moderator)

    assert large.matches.count() == 21
    assert queries(client, f"cases/{large.number}/") == few


def fill(case: Case, author: User) -> None:
    """Let a case hold twenty more of what a case holds."""
    profile = case.profiles.get()
    opening.open_for_matches(
        actor=PIPELINE,
        profile=profile,
        matches=[make_match(profile, make_designation(f"PERSON, Number {n}")) for n in range(20)],
    )
    for n in range(20):
        notes.add_note(actor=author, case=case, text=f"Note {n}")


def test_a_batch_costs_the_same_however_long(analyst: User, call_as: Caller) -> None:
    client = call_as(analyst)
    make_platform(slug="lumen")
    client.get("/api/v1/profiles/")

    def send(count: int, name: str) -> int:
        batch = [{"external_id": f"{name}{n}", "handle": f"{name}_{n}"} for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            client.post(
                "/api/v1/profiles/", {"platform": "lumen", "profiles": batch}, format="json"
            )
        return len(captured)

    assert send(100, "many") == send(1, "one")
