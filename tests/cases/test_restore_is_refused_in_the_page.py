"""A restore while a hold stands: refused where it is shown, and wherever it is sent from."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import PIPELINE
from accounts.models import AuditEvent, User
from cases import leases, opening
from cases.models import Case, Decision
from platforms.models import Enforcement
from tests.cases.builders import (
    delist,
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    policy,
    suspend,
)
from tests.cases.pages import HTMX, page, text_of
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


def ask_for_a_restore(client: Client, case: Case, **more: object) -> object:
    return client.post(
        reverse("cases:propose_decision", args=[case.pk]),
        {
            "outcome": "restore",
            "basis": policy().pk,
            "reason": "The owner asks for it.",
            "based_on": Case.objects.get(pk=case.pk).version,
        },
        **more,
    )


def test_the_page_shows_it_refused_with_the_reason_beside_it(
    client: Client, moderator: User, delisting_case: Case
) -> None:
    leases.take_lease(actor=moderator, case=delisting_case)
    hold = delisting_case.profiles.get().holds.get()

    html = page(client, moderator, delisting_case)

    assert (
        'value="restore" required data-by-hand aria-disabled="true" '
        'aria-describedby="refused-restore"' in html
    )
    assert 'id="refused-restore"' in html
    assert f"Restore is refused. One hold stands: {hold.title}." in text_of(html)


def test_it_is_shown_refused_on_any_case_of_a_held_account(
    client: Client, moderator: User, drift_case: Case
) -> None:
    leases.take_lease(actor=moderator, case=drift_case)

    assert 'aria-describedby="refused-restore"' in page(client, moderator, drift_case)


def test_a_case_without_holds_does_not_speak_of_it(client: Client, moderator: User) -> None:
    case = open_match_case()
    leases.take_lease(actor=moderator, case=case)

    assert 'value="restore"' not in page(client, moderator, case)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_sent_by_hand_it_is_refused_and_names_the_hold(
    client: Client, moderator: User, delisting_case: Case, headers: dict[str, str]
) -> None:
    leases.take_lease(actor=moderator, case=delisting_case)
    client.force_login(moderator)

    response = ask_for_a_restore(client, delisting_case, headers=headers)

    assert response.status_code == 409
    title = delisting_case.profiles.get().holds.get().title
    assert title in text_of(response.content.decode())
    assert not Decision.objects.filter(outcome="restore").exists()
    assert not Enforcement.objects.filter(action="restore").exists()


def test_without_a_lease_it_still_names_the_hold(
    client: Client, moderator: User, delisting_case: Case
) -> None:
    client.force_login(moderator)

    response = ask_for_a_restore(client, delisting_case)

    assert response.status_code == 409
    assert "One hold stands: Designation, OFAC" in text_of(response.content.decode())


def test_every_hold_is_named(client: Client, moderator: User) -> None:
    profile = make_profile()
    matches = [make_match(profile, make_designation(name)) for name in ("One", "Two")]
    suspend(moderator, opening.open_for_matches(actor=PIPELINE, profile=profile, matches=matches))
    titles = [hold.title for hold in profile.holds.standing()]
    assert len(titles) == 2
    designation = matches[0].designation
    delist(designation)
    case = opening.open_for_delisting(actor=PIPELINE, profile=profile, designation=designation)
    client.force_login(moderator)

    words = text_of(ask_for_a_restore(client, case).content.decode())

    assert all(title in words for title in titles)


def test_the_refusal_stands_in_the_history_of_the_case(
    client: Client, moderator: User, delisting_case: Case
) -> None:
    client.force_login(moderator)

    ask_for_a_restore(client, delisting_case)

    event = AuditEvent.objects.get(verb="refused")
    assert event.changes["rule"] == "holds_stand"
    assert event.actor_user == moderator
    words = text_of(page(client, moderator, delisting_case))
    assert "Refused: restore while a hold stands" in words


def test_once_the_hold_is_released_by_two_people_a_restore_takes_two_again(
    client: Client, moderator: User, senior: User, delisting_case: Case
) -> None:
    leases.take_lease(actor=moderator, case=delisting_case)
    client.force_login(moderator)
    hold = delisting_case.profiles.get().holds.get()
    delisting_case.refresh_from_db()
    client.post(
        reverse("cases:propose_decision", args=[delisting_case.pk]),
        {
            "outcome": "release_hold",
            "basis": policy("delisting").pk,
            "holds": [hold.pk],
            "ground": "delisted",
            "list_version": hold.basis.designation.current_version.list_version_id,
            "reason": "Not on the list any more.",
            "based_on": delisting_case.version,
        },
    )
    release = delisting_case.decisions.get()
    sign_in(client, senior)
    delisting_case.refresh_from_db()
    client.post(
        reverse("cases:answer_decision", args=[delisting_case.pk, release.pk]),
        {"answer": "yes", "based_on": delisting_case.version},
    )
    hold.refresh_from_db()
    assert not hold.stands
    assert not Enforcement.objects.filter(action="restore").exists()

    leases.take_lease(actor=moderator, case=delisting_case)
    client.force_login(moderator)
    assert ask_for_a_restore(client, delisting_case).status_code == 302

    restore = delisting_case.decisions.get(outcome="restore")
    assert restore.state == Decision.State.PROPOSED
    assert not Enforcement.objects.filter(action="restore").exists()
