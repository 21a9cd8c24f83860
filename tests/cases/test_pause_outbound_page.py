"""The pause in the page: one person pulls it, two people end it."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from platforms.models import OutboundPause
from tests.cases.builders import make_platform
from tests.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def as_senior(senior: User, client: Client) -> Client:
    client.force_login(senior)
    return client


@pytest.fixture
def as_other_senior() -> Client:
    client = Client()
    client.force_login(person("Lena Sol", Role.SENIOR_REVIEWER))
    return client


def test_one_person_pauses_and_says_why(as_senior: Client) -> None:
    platform = make_platform(name="Lumen", slug="lumen")

    as_senior.post(reverse("cases:pause"), {"platform": "lumen", "reason": "Wrong list."})

    assert OutboundPause.objects.in_force().get().platform == platform
    page = as_senior.get(reverse("cases:platforms"))
    assert "Nothing goes out to Lumen" in page.content.decode()
    assert "Wrong list." in page.content.decode()


def test_a_pause_without_a_reason_is_refused(as_senior: Client) -> None:
    answer = as_senior.post(reverse("cases:pause"), {"platform": "", "reason": " "})

    assert answer.status_code == 409
    assert not OutboundPause.objects.exists()


def test_two_people_resume(as_senior: Client, as_other_senior: Client) -> None:
    as_senior.post(reverse("cases:pause"), {"platform": "", "reason": "Wrong list."})
    pause = OutboundPause.objects.get()
    as_senior.post(reverse("cases:ask_to_resume", args=[pause.pk]))

    own_answer = as_senior.post(reverse("cases:resume", args=[pause.pk]))

    assert own_answer.status_code == 409
    assert OutboundPause.objects.in_force().exists()
    as_other_senior.post(reverse("cases:resume", args=[pause.pk]))
    assert not OutboundPause.objects.in_force().exists()


def test_a_moderator_neither_sees_the_page_nor_pauses(moderator: User, client: Client) -> None:
    client.force_login(moderator)

    assert client.get(reverse("cases:platforms")).status_code == 403
    assert client.post(reverse("cases:pause"), {"reason": "No."}).status_code == 403
    assert not OutboundPause.objects.exists()


def test_the_page_takes_the_same_queries_for_many_platforms(
    as_senior: Client, django_assert_max_num_queries
) -> None:
    for _ in range(8):
        make_platform()

    with django_assert_max_num_queries(14):
        as_senior.get(reverse("cases:platforms"))
