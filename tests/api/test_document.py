"""The OpenAPI document is valid, is served, and is true: schemathesis calls what it says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import tokens
from accounts.actors import COMMAND_LINE
from accounts.models import User
from accounts.roles import Role
from config.wsgi import application
from platforms.models import Incident
from tests.cases.builders import held_profile, make_platform, open_match_case
from tests.conftest import person

OPERATIONS_AT_LEAST = 24


def test_the_document_is_valid_and_without_warnings(tmp_path: Path) -> None:
    document = tmp_path / "schema.yml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(document))
    assert "/api/v1/cases/{number}/decisions/" in document.read_text()


def test_every_operation_describes_its_problems() -> None:
    document = SchemaGenerator().get_schema(request=None, public=True)
    operations = [o for path in document["paths"].values() for o in path.values()]
    assert len(operations) >= OPERATIONS_AT_LEAST
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.django_db
def test_the_page_keeps_to_our_policy_for_content(client: Client) -> None:
    page = client.get("/api/v1/docs/")
    html = page.content.decode()

    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<style|style=|<script>|\son\w+=", html)
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', html)
    assert len(files) >= 4
    assert all(finders.find(name) for name in files)
    script = re.search(r'src="(/api/v1/docs/\?[^"]*script[^"]*)"', html)
    assert script is not None
    answer = client.get(script.group(1).replace("&amp;", "&"))
    assert answer.headers["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema/" in answer.content


@pytest.mark.django_db
def test_what_is_no_address_answers_as_the_api_does(client: Client) -> None:
    answer = client.get("/api/v1/nothing/here/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.fixture
def token(db: None) -> str:
    """The token of somebody who gets past every door, in a desk with one of everything."""
    everyone = person("Mira Holt", Role.MODERATOR, Role.SENIOR_REVIEWER, Role.SANCTIONS_ANALYST)
    profile = held_profile(everyone)
    Incident.objects.create(
        profile=profile, kind=Incident.Kind.DRIFT, began_at=profile.first_seen_at
    )
    open_match_case(profile)
    make_platform(slug="lumen")
    return secret_of(everyone)


def secret_of(user: User) -> str:
    _, secret = tokens.create(
        actor=COMMAND_LINE, user=user, name="test", scopes=user.desk_permissions, days=1
    )
    return secret


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """Keep the test's connection at the end of a request, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", application)


@pytest.mark.usefixtures("one_connection")
@schema.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_the_api_does_what_its_document_says(case: schemathesis.Case, token: str) -> None:
    case.call_and_validate(
        headers={"Authorization": f"Bearer {token}"},
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
