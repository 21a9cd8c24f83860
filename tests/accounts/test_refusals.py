"""Refusals as pages, as swaps and as problem details, each on record."""

import json
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import tokens
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed, Refusal
from accounts.roles import Role
from tests.conftest import person


class Kept(Refusal):
    code = "kept"


def refuse(request: HttpRequest) -> HttpResponse:
    raise Kept("Five holds stand.").about(person("Target", Role.MODERATOR))


class RefusingCall(APIView):
    permission_classes = [IsAuthenticated]

    def post(self, request: Request) -> Response:
        raise NotAllowed("Only seniors approve.")


urlpatterns = [
    path("refuse/<str:secret>/", lambda request, secret: refuse(request), name="refusing_page"),
    path("call/", RefusingCall.as_view(), name="refusing_call"),
    path("accounts/", include("accounts.urls")),
]


@pytest.fixture(autouse=True)
def these_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


def test_an_uncaught_refusal_becomes_a_page(client: Client, moderator: User) -> None:
    client.force_login(moderator)
    answer = client.get("/refuse/s3cret/")
    assert answer.status_code == 409
    assert b"Five holds stand." in answer.content


def test_it_is_on_record_with_its_rule_and_without_the_address(
    client: Client, moderator: User
) -> None:
    client.force_login(moderator)
    client.get("/refuse/s3cret/")
    event = AuditEvent.objects.get(verb="refused")
    target = User.objects.get(name="Target")
    assert event.actor_user == moderator
    assert event.changes == {"rule": "kept", "address": "refusing_page"}
    assert (event.object_type, event.object_id) == ("user", str(target.pk))
    assert f"user:{moderator.pk}" in event.about
    assert "s3cret" not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_htmx_gets_the_notice_alone(client: Client, moderator: User) -> None:
    client.force_login(moderator)
    answer = client.get("/refuse/x/", headers={"HX-Request": "true"})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#notice"
    assert b"<html" not in answer.content


def test_the_api_answers_with_a_problem(client: Client, moderator: User) -> None:
    _, secret = tokens.create(
        actor=moderator, user=moderator, name="x", scopes=["cases.view_case"], days=1
    )
    answer = client.post("/call/", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_allowed"
    assert answer.json()["detail"] == "Only seniors approve."
    assert AuditEvent.objects.get(verb="refused").actor_user == moderator


def test_a_call_without_a_token_is_told_how_to_come_in(client: Client, db: None) -> None:
    answer = client.post("/call/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "not_authenticated"


def test_a_visitor_is_never_named(client: Client, db: None) -> None:
    assert client.get("/refuse/x/").status_code == 409
    assert not AuditEvent.objects.filter(verb="refused").exists()
