"""The menu and the landing page: what each role is led to."""

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from cases.models import Case, Recusal
from cases.navigation import navigation
from tests.cases.queue_cases import add_cases
from tests.conftest import person

pytestmark = pytest.mark.django_db

DESK = ["Queue", "Coverage", "Incidents", "Lists"]


def menu(user: User) -> dict[str, str]:
    """What the menu shows to a person: each label with its count."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=user.pk)
    items = navigation(request)["navigation"]()  # type: ignore[operator]  # templates call it
    return {item.label: str(item.count) for item in items}


@pytest.mark.parametrize(
    "role",
    [Role.MODERATOR, Role.SENIOR_REVIEWER, Role.SANCTIONS_ANALYST, Role.LEGAL_COUNSEL],
)
def test_desk_roles_are_led_to_the_desk(role: Role) -> None:
    assert [label for label in menu(person("Somebody", role)) if label in DESK] == DESK


@pytest.mark.parametrize(
    "role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.CUSTODIAN, Role.INTAKE_COORDINATOR]
)
def test_other_roles_see_no_place_of_the_desk(role: Role) -> None:
    assert not set(menu(person("Somebody", role))) & set(DESK)


def test_the_queue_counts_only_what_the_reader_may_know_of(
    moderator: User, other_moderator: User
) -> None:
    first, _ = add_cases(2)
    add_cases(1, kind=Case.Kind.REPORT)
    Recusal.objects.create(case=first, user=moderator, reason="A cousin")

    assert menu(moderator)["Queue"] == "1"
    assert menu(other_moderator)["Queue"] == "2"


@pytest.mark.parametrize(
    ("role", "place"),
    [
        (Role.MODERATOR, "cases:queue"),
        (Role.SANCTIONS_ANALYST, "cases:queue"),
        (Role.AUDITOR, "accounts:record"),
        (Role.ADMINISTRATOR, "accounts:roles"),
        (Role.CUSTODIAN, "intake:custodians"),
    ],
)
def test_the_front_door_leads_to_the_first_place_a_role_opens(role: Role, place: str) -> None:
    client = Client()
    client.force_login(person("Somebody", role))

    assert client.get("/")["Location"] == reverse(place)


def test_somebody_without_a_role_is_told_so(stranger: User) -> None:
    client = Client()
    client.force_login(stranger)

    assert "You have no role yet" in client.get("/").content.decode()


def test_a_page_without_a_menu_costs_no_query(moderator: User) -> None:
    request = RequestFactory().get("/")
    request.user = moderator

    with CaptureQueriesContext(connection) as queries:
        render_to_string("404.html", request=request)

    assert len(queries) == 0


def test_the_role_line_names_the_roles_in_their_order(counsel: User) -> None:
    request = RequestFactory().get("/")
    request.user = person("Both", Role.LEGAL_COUNSEL, Role.MODERATOR)

    assert navigation(request)["role_line"]() == "Moderator, Legal counsel"  # type: ignore[operator]  # templates call it
