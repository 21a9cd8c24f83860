"""A batch of profiles: what is taken, what is refused, and what follows."""

from typing import Any

import pytest
from django.conf import settings
from django.test import TestCase
from kombu import Connection, Queue
from rest_framework.response import Response

from accounts.models import AuditEvent, User
from cases.api.profiles import ROW_NAMES
from cases.api.requests import ProfileRow
from config.celery import app
from platforms.models import Platform, Profile, ProfileVersion
from tests.api.conftest import Caller
from tests.cases.builders import make_platform

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/profiles/"


@pytest.fixture
def platform(db: None) -> Platform:
    return make_platform(slug="lumen")


@pytest.fixture
def send(analyst: User, call_as: Caller, platform: Platform) -> Any:
    client = call_as(analyst)

    def post(*rows: Any, **envelope: Any) -> Response:
        return client.post(
            ADDRESS, {"platform": "lumen", "profiles": list(rows), **envelope}, format="json"
        )

    return post


def test_it_takes_new_profiles(send: Any, platform: Platform) -> None:
    row = {
        "external_id": "10001",
        "handle": "kadyrov_95",
        "display_name": "Рамзан Кадыров",
        "links": ["https://example.org/"],
        "is_verified": True,
        "reach": 3_200_000,
        "account_created_at": "2014-03-09T10:00:00Z",
    }

    answer = send(row, {"external_id": "10002", "handle": "somebody"})

    assert answer.status_code == 200
    assert (answer.json()["created"], answer.json()["refused"]) == (2, 0)
    profile = platform.profiles.get(external_id="10001")
    assert answer.json()["rows"][0] == {
        "index": 0,
        "external_id": "10001",
        "result": "created",
        "profile": profile.pk,
        "version": 1,
        "errors": {},
    }
    assert (profile.reach, profile.is_verified) == (3_200_000, True)


def test_one_bad_row_is_named_and_the_others_are_taken(send: Any, platform: Platform) -> None:
    answer = send(
        {"external_id": "1", "handle": "first"},
        {"external_id": "2", "handle": "second", "reach": "many"},
        {"external_id": "3", "handle": "third"},
    )

    assert answer.status_code == 200
    body = answer.json()
    assert (body["created"], body["refused"]) == (2, 1)
    assert [row["result"] for row in body["rows"]] == ["created", "refused", "created"]
    assert body["rows"][1] == {
        "index": 1,
        "external_id": "2",
        "result": "refused",
        "profile": None,
        "version": None,
        "errors": {"reach": ["A whole number is needed."]},
    }
    assert set(platform.profiles.values_list("external_id", flat=True)) == {"1", "3"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"external_id": 5, "handle": "x"}, "external_id"),
        ({"handle": "x"}, "external_id"),
        ({"external_id": "5"}, "handle"),
        ({"external_id": "5", "handle": ""}, "handle"),
        ({"external_id": "5", "handle": "x", "links": "https://example.org"}, "links"),
        ({"external_id": "5", "handle": "x", "is_verified": "yes"}, "is_verified"),
        ({"external_id": "5", "handle": "x", "reach": True}, "reach"),
        ({"external_id": "5", "handle": "x", "reach": -1}, "reach"),
        ({"external_id": "5", "handle": "x", "account_created_at": "2014"}, "account_created_at"),
        ({"external_id": "5", "handle": "x\x00"}, "handle"),
        ({"external_id": "5", "handle": "x", "is_held": True}, "is_held"),
        ({"external_id": "5", "handle": "x", "id": 1}, "id"),
        ({"external_id": "5", "handle": "x", "observed_state": "active"}, "observed_state"),
        ("no row at all", "row"),
        (None, "row"),
    ],
)
def test_it_names_what_is_wrong_with_a_row(send: Any, row: Any, field: str) -> None:
    answer = send(row)

    assert answer.status_code == 200
    assert answer.json()["rows"][0]["result"] == "refused"
    assert list(answer.json()["rows"][0]["errors"]) == [field]
    assert not Profile.objects.exists()


def test_the_same_batch_again_changes_nothing(send: Any) -> None:
    rows = [{"external_id": str(n), "handle": f"person_{n}"} for n in range(5)]
    send(*rows)
    versions, events = ProfileVersion.objects.count(), AuditEvent.objects.count()

    again = send(*rows)

    assert (again.json()["unchanged"], again.json()["created"]) == (5, 0)
    assert {row["version"] for row in again.json()["rows"]} == {1}
    assert ProfileVersion.objects.count() == versions
    assert AuditEvent.objects.count() == events


def test_a_change_is_a_new_version(send: Any, platform: Platform) -> None:
    send({"external_id": "1", "handle": "before"})

    answer = send({"external_id": "1", "handle": "after"})

    assert answer.json()["rows"][0]["result"] == "changed"
    assert answer.json()["rows"][0]["version"] == 2
    assert platform.profiles.get().handle == "after"


def test_the_second_row_of_one_account_is_refused(send: Any) -> None:
    answer = send({"external_id": "1", "handle": "a"}, {"external_id": "1", "handle": "b"})

    assert [row["result"] for row in answer.json()["rows"]] == ["created", "refused"]
    assert "external_id" in answer.json()["rows"][1]["errors"]
    assert Profile.objects.get().handle == "a"


def test_an_unknown_platform_is_refused(send: Any) -> None:
    answer = send({"external_id": "1", "handle": "a"}, platform="nowhere")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert list(answer.json()["errors"]) == ["platform"]


def test_it_takes_a_thousand_rows_and_not_one_more(send: Any) -> None:
    rows = [{"external_id": str(n), "handle": f"person_{n}"} for n in range(1001)]

    assert send(*rows).status_code == 400
    assert not Profile.objects.exists()
    assert send(*rows[:1000]).json()["created"] == 1000


@pytest.mark.parametrize("rows", [None, "x", 5, {"external_id": "1"}])
def test_rows_that_are_no_list_are_refused(send: Any, rows: Any) -> None:
    answer = send(profiles=rows)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["profiles"]


def test_an_unknown_name_beside_the_rows_is_refused(send: Any) -> None:
    answer = send({"external_id": "1", "handle": "a"}, is_admin=True)

    assert answer.status_code == 400
    assert answer.json()["errors"] == {"is_admin": ["There is no such field."]}
    assert not Profile.objects.exists()


def test_a_body_that_is_too_large_is_refused_unread(analyst: User, call_as: Caller) -> None:
    body = b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)

    answer = call_as(analyst).post(ADDRESS, data=body, content_type="application/json")

    assert answer.status_code == 413
    assert answer.json()["code"] == "body_too_large"


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff\xfe"])
def test_a_body_that_is_no_json_is_refused(analyst: User, call_as: Caller, body: bytes) -> None:
    answer = call_as(analyst).post(ADDRESS, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


def test_what_is_new_is_handed_to_the_sweep(send: Any) -> None:
    with Connection(app.conf.broker_url) as broker:
        messages = Queue("screening")(broker.default_channel)
        messages.declare()
        messages.purge()

        with TestCase.captureOnCommitCallbacks(execute=True):
            send({"external_id": "1", "handle": "a"})
        message = messages.get(no_ack=True)
        assert message is not None
        assert message.headers["task"] == "cases.tasks.sweep"

        with TestCase.captureOnCommitCallbacks(execute=True):
            send({"external_id": "1", "handle": "a"})
        assert messages.get(no_ack=True) is None


def test_the_document_names_the_fields_that_are_taken() -> None:
    assert set(ProfileRow().fields) == set(ROW_NAMES)
