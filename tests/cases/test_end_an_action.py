"""Rule 11: what failed stays in sight and is tried again until a person ends it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cases.models import Case
from platforms.models import Enforcement
from tests.cases.builders import approve, open_match_case, suspend
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(moderator: User, senior: User) -> tuple[Case, Enforcement]:
    """A suspension that the platform refused."""
    case = open_match_case()
    decision = suspend(moderator, case)
    if decision.needs_second:
        approve(senior, decision)
    action = Enforcement.objects.get()
    for state in (Enforcement.State.SENDING, Enforcement.State.FAILED):
        action.state = state
        action.problem = "The platform refuses: no such account"
        action.save()
    return case, action


def end(client: Client, case: Case, action: Enforcement, reason: str = "It was moved.") -> int:
    url = reverse("cases:end_action", args=[case.pk, action.pk])
    return client.post(url, {"reason": reason}).status_code


def test_a_senior_reviewer_ends_it_from_the_case_page(
    client: Client, senior: User, failed: tuple[Case, Enforcement]
) -> None:
    case, action = failed
    sign_in(client, senior)
    page = client.get(reverse("cases:case", args=[case.pk])).content.decode()
    assert "no such account" in page
    assert reverse("cases:end_action", args=[case.pk, action.pk]) in page

    assert end(client, case, action) == 302
    action.refresh_from_db()
    assert (action.state, action.problem) == ("cancelled", "It was moved.")
    page = client.get(reverse("cases:case", args=[case.pk])).content.decode()
    assert reverse("cases:end_action", args=[case.pk, action.pk]) not in page


def test_the_second_click_is_told_that_it_is_over(
    client: Client, senior: User, failed: tuple[Case, Enforcement]
) -> None:
    sign_in(client, senior)
    assert end(client, *failed) == 302
    assert end(client, *failed) == 409


def test_it_is_not_ended_without_a_reason(
    client: Client, senior: User, failed: tuple[Case, Enforcement]
) -> None:
    sign_in(client, senior)
    assert end(client, *failed, reason="  ") == 409
    failed[1].refresh_from_db()
    assert failed[1].state == "failed"


def test_a_moderator_is_not_offered_it(
    client: Client, moderator: User, failed: tuple[Case, Enforcement]
) -> None:
    case, action = failed
    sign_in(client, moderator)
    page = client.get(reverse("cases:case", args=[case.pk])).content.decode()
    assert reverse("cases:end_action", args=[case.pk, action.pk]) not in page
    assert end(client, case, action) == 403
