"""The page where a coordinator links accounts, opens a case and hands it over."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cases.models import Case
from intake import access
from intake.models import Report
from tests.cases.builders import make_platform, make_profile
from tests.conftest import sign_in
from tests.intake.case_builders import in_hand, linked, opened

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def held(coordinator: User, report: Report, client: Client) -> Report:
    """A report in the hands of the coordinator, who has signed in."""
    in_hand(coordinator, report)
    sign_in(client, coordinator)
    return report


def send(client: Client, name: str, *keys: object, **typed: object) -> tuple[int, str]:
    response = client.post(reverse(f"cases:{name}", args=keys), typed, follow=True)
    return response.status_code, unescape(response.content.decode())


def test_an_unknown_handle_is_said_and_kept(client: Client, held: Report) -> None:
    status, page = send(client, "link_account", held.pk, account="@nobody_here")

    assert status == 422
    assert "No account of this handle is known here." in page
    assert 'value="@nobody_here"' in page


def test_of_several_accounts_the_coordinator_chooses(client: Client, held: Report) -> None:
    make_profile(handle="akhmat")
    meant = make_profile(make_platform(name="Relay"), handle="akhmat")

    status, page = send(client, "link_account", held.pk, account="akhmat")
    assert status == 200
    assert "Which one is it?" in page
    assert not held.reported_profiles.exists()

    send(client, "link_account", held.pk, account="akhmat", profile=meant.pk)
    assert held.reported_profiles.get().profile == meant


def test_a_profile_that_the_handle_does_not_name_is_not_linked(
    client: Client, held: Report
) -> None:
    named, other = make_profile(handle="akhmat"), make_profile(handle="somebody")

    send(client, "link_account", held.pk, account="akhmat", profile=other.pk)

    assert held.reported_profiles.get().profile == named


def test_a_handover_to_nobody_keeps_what_was_typed(
    client: Client, coordinator: User, held: Report
) -> None:
    opened(coordinator, held)
    link = held.reported_profiles.get()

    status, page = send(
        client, "hand_over_report_case", held.pk, link.pk, email="x@desk.example", reason="Knows it"
    )

    assert status == 422
    assert "Nobody on this desk has this address." in page
    assert 'value="Knows it"' in page


def test_a_case_without_a_reason_is_not_opened(
    client: Client, coordinator: User, held: Report
) -> None:
    link = linked(coordinator, held)

    status, _ = send(client, "open_from_report", held.pk, link.pk, reason="")

    assert status == 422
    assert not Case.objects.exists()


def test_what_was_linked_is_on_the_page_of_the_report(
    client: Client, coordinator: User, held: Report
) -> None:
    linked(coordinator, held)

    page = client.get(reverse("intake:report", args=[held.pk])).content.decode()

    assert "@akhmat" in page
    assert "No case yet" in page


def test_whoever_only_reads_the_report_does_not_find_the_page(
    coordinator: User, other_coordinator: User, held: Report, client: Client
) -> None:
    access.share(actor=coordinator, report=held, user=other_coordinator, reason="Helps")
    sign_in(client, other_coordinator)

    assert client.get(reverse("cases:report_case", args=[held.pk])).status_code == 404
    assert client.get(reverse("intake:report", args=[held.pk])).status_code == 200
