"""Second factors: nobody works without one, and weighty acts ask for a fresh one."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import AuditEvent, GrantProposal, User
from accounts.roles import Role
from tests.accounts.second_factors import code_for, enrol, type_code
from tests.conftest import sign_in

PROPOSE = reverse("accounts:propose_grant")


@pytest.fixture
def required(settings: Settings) -> None:
    settings.HOLDFAST_REQUIRE_SECOND_FACTOR = True


def test_production_asks_everybody_for_a_second_factor() -> None:
    from config.settings import base

    assert base.HOLDFAST_REQUIRE_SECOND_FACTOR is True


def test_whoever_has_none_is_led_to_enrol_one(
    client: Client, required: None, moderator: User
) -> None:
    sign_in(client, moderator)
    answer = client.get(reverse("accounts:me"))
    assert answer["Location"] == reverse("mfa_index")
    swapped = client.get(reverse("accounts:me"), headers={"HX-Request": "true"})
    assert (swapped.status_code, swapped["HX-Redirect"]) == (403, reverse("mfa_index"))
    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.post(reverse("account_logout")).status_code == 302


def test_setting_up_an_app_opens_the_desk_and_gives_recovery_codes(
    client: Client,
    required: None,
    moderator: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    sign_in(client, moderator)
    client.post(reverse("account_reauthenticate"), {"password": "correct horse"})
    page = client.get(reverse("mfa_activate_totp"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code_for(page.context["form"].secret)})
    done = client.get(reverse("mfa_view_recovery_codes"))
    assert len(done.context["unused_codes"]) == 10
    assert client.get(reverse("accounts:me")).status_code == 200
    kinds = (
        AuditEvent.objects.filter(verb="add_second_factor")
        .order_by("pk")
        .values_list("changes", flat=True)
    )
    assert [changes["kind"] for changes in kinds] == ["totp", "recovery_codes"]


def test_the_apps_key_is_not_readable_in_a_copied_database(moderator: User) -> None:
    secret = enrol(moderator)
    assert secret not in repr(list(Authenticator.objects.values()))


def test_the_password_alone_does_not_sign_in_any_more(client: Client, moderator: User) -> None:
    secret = enrol(moderator)
    client.post(reverse("account_login"), {"login": moderator.email, "password": "correct horse"})
    assert "_auth_user_id" not in client.session
    type_code(client, secret)
    assert "_auth_user_id" in client.session


def test_five_wrong_codes_close_the_door_for_five_minutes_and_say_so(
    client: Client, moderator: User
) -> None:
    secret = enrol(moderator)
    sent = {"login": moderator.email, "password": "correct horse"}
    client.post(reverse("account_login"), sent)
    for _ in range(5):
        answer = client.post(reverse("mfa_authenticate"), {"code": "000000"})
        assert b"Incorrect code" in answer.content
    answer = client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert answer.status_code == 422
    assert b"Too many failed" in answer.content
    assert "_auth_user_id" not in client.session
    assert AuditEvent.objects.filter(verb="wrong_second_factor").count() == 5
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1), tick=False):
        client.post(reverse("account_login"), sent)
        client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert "_auth_user_id" in client.session


def test_granting_asks_for_a_fresh_confirmation(client: Client, administrator: User) -> None:
    sign_in(client, administrator)
    assert client.get(PROPOSE).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        answer = client.get(PROPOSE)
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
        back = client.post(answer["Location"], {"password": "correct horse", "next": PROPOSE})
        assert back["Location"] == PROPOSE
        assert client.get(PROPOSE).status_code == 200


def test_nothing_is_done_before_the_confirmation(
    client: Client, administrator: User, stranger: User
) -> None:
    sign_in(client, administrator)
    facts = {"email": stranger.email, "role": Role.MODERATOR, "reason": "x"}
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        client.post(PROPOSE, facts)
    assert not GrantProposal.objects.exists()
    assert "x" not in repr(client.session.get("account_reauthentication_state"))


def test_htmx_keeps_what_was_typed_and_is_told_where_to_confirm(
    client: Client, administrator: User
) -> None:
    sign_in(client, administrator)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        answer = client.post(
            PROPOSE,
            headers={
                "HX-Request": "true",
                "HX-Current-URL": "https://evil.example/accounts/roles/new/",
            },
        )
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#notice"
    assert b'?next=%2F"' in answer.content
    assert b"evil.example" not in answer.content


def test_a_password_does_not_confirm_where_there_is_a_second_factor(
    client: Client, administrator: User
) -> None:
    secret = enrol(administrator)
    sign_in_by_app = {"login": administrator.email, "password": "correct horse"}
    client.post(reverse("account_login"), sign_in_by_app)
    type_code(client, secret)
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        answer = client.get(PROPOSE)
        assert answer["Location"].startswith(reverse("mfa_reauthenticate"))
        client.post(reverse("account_reauthenticate"), {"password": "correct horse"})
        assert client.get(PROPOSE).status_code == 302
        type_code(client, secret, "mfa_reauthenticate")
        assert client.get(PROPOSE).status_code == 200


def test_where_one_is_required_a_password_never_confirms(
    client: Client, required: None, administrator: User
) -> None:
    session_without_it = Client()
    sign_in(session_without_it, administrator)
    enrol(administrator)
    assert session_without_it.get(PROPOSE).status_code == 302
