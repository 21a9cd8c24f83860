"""Closing an account releases its leases and hands its cases over, in one transaction."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from cases import departures, leases
from tests.cases.builders import open_match_case
from tests.conftest import person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_administrators_stay(administrator: User) -> None:
    person("Samir Haddad", Role.ADMINISTRATOR)


def test_what_was_held_goes_back_to_the_others(
    moderator: User, other_moderator: User, administrator: User
) -> None:
    case = open_match_case()
    leases.take_lease(actor=moderator, case=case)

    departures.deactivate(actor=administrator, user=moderator, reason="Left the company.")

    case.refresh_from_db()
    assert (case.lease_holder, case.assignee) == (None, None)
    assert leases.take_lease(actor=other_moderator, case=case).lease_holder == other_moderator


def test_the_page_that_closes_an_account_does_it_too(
    moderator: User, administrator: User, client: Client
) -> None:
    case = open_match_case()
    leases.take_lease(actor=moderator, case=case)
    sign_in(client, administrator)

    client.post(
        reverse("accounts:close_account", args=[moderator.pk]), {"reason": "Left the company."}
    )

    moderator.refresh_from_db()
    case.refresh_from_db()
    assert not moderator.is_active
    assert case.lease_holder is None
