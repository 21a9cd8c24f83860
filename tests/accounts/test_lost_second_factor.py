"""A lost passkey or app: a recovery code, or a reset by two administrators and a link."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import people, resets
from accounts.models import AuditEvent, DeskSession, SecondFactorReset, User
from accounts.refusals import NotAllowed
from accounts.resets import LINK_LASTS, ResetRefused
from accounts.roles import Role
from tests.accounts.second_factors import code_for, enrol, type_code
from tests.conftest import person, sign_in

LOGIN = reverse("account_login")
State = SecondFactorReset.State


@pytest.fixture
def second_administrator(db: None) -> User:
    """Agrees to what the administrator asks for."""
    return person("Sanna Ahlgren", Role.ADMINISTRATOR)


@pytest.fixture
def lost(moderator: User) -> str:
    """The moderator's app, which they no longer have."""
    return enrol(moderator)


@pytest.fixture
def asked(administrator: User, moderator: User, lost: str) -> SecondFactorReset:
    return resets.ask(actor=administrator, user=moderator, reason="She called me")


@pytest.fixture
def link(asked: SecondFactorReset, second_administrator: User) -> str:
    _, token = resets.approve(actor=second_administrator, reset=asked)
    return reverse("accounts:enrol_anew", args=[token])


def password(client: Client, user: User) -> int:
    sent = {"login": user.email, "password": "correct horse"}
    return client.post(LOGIN, sent).status_code


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_recovery_code_signs_in_once(client: Client, moderator: User, lost: str) -> None:
    code = RecoveryCodes.activate(moderator).get_unused_codes()[0]
    for expected in (True, False):
        client.logout()
        password(client, moderator)
        assert b"recovery codes" in client.get(reverse("mfa_authenticate")).content
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert is_signed_in(client) is expected


def test_nothing_changes_until_a_second_administrator_agrees(
    client: Client, asked: SecondFactorReset, moderator: User, lost: str
) -> None:
    password(client, moderator)
    type_code(client, lost)
    assert is_signed_in(client)


def test_an_agreed_reset_ends_factors_codes_and_sessions(
    client: Client, asked: SecondFactorReset, second_administrator: User, moderator: User, lost: str
) -> None:
    RecoveryCodes.activate(moderator)
    password(client, moderator)
    type_code(client, lost)
    resets.approve(actor=second_administrator, reset=asked)
    assert not Authenticator.objects.filter(user=moderator).exists()
    assert not DeskSession.objects.filter(user=moderator).exists()
    assert client.get(reverse("accounts:me"))["Location"].startswith(LOGIN)
    event = AuditEvent.objects.get(verb="factor_reset_approved")
    assert event.actor_user == second_administrator
    assert (event.changes["factors"], event.changes["sessions"]) == (2, 1)


def test_the_password_alone_stays_outside(client: Client, link: str, moderator: User) -> None:
    """Whoever stole the password must not enrol a factor of their own."""
    assert password(client, moderator) == 403
    assert not is_signed_in(client)
    assert client.get(reverse("mfa_index"))["Location"].startswith(LOGIN)


def test_the_link_alone_opens_nothing(client: Client, link: str) -> None:
    assert client.get(link).status_code == 200
    assert client.post(link)["Location"] == LOGIN
    assert not is_signed_in(client)


def test_link_and_password_lead_to_enrolment_and_nowhere_else(
    client: Client,
    link: str,
    moderator: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    client.post(link)
    password(client, moderator)
    assert is_signed_in(client)
    assert client.get(reverse("accounts:me"))["Location"] == reverse("mfa_index")

    client.post(reverse("account_reauthenticate"), {"password": "correct horse"})
    page = client.get(reverse("mfa_activate_totp"))
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("mfa_activate_totp"), {"code": code_for(page.context["form"].secret)})
    assert client.get(reverse("accounts:me")).status_code == 200
    assert moderator.factor_resets.get().state == State.DONE
    answer = Client().get(link)
    assert answer.status_code == 410
    assert b"used already" in answer.content


def test_the_link_works_until_a_factor_is_added(client: Client, link: str, moderator: User) -> None:
    client.post(link)
    password(client, moderator)
    again = Client()
    assert password(again, moderator) == 403
    again.post(link)
    password(again, moderator)
    assert is_signed_in(again)


def test_an_expired_link_is_said_and_a_new_reset_gives_a_new_one(
    client: Client,
    link: str,
    moderator: User,
    administrator: User,
    second_administrator: User,
) -> None:
    client.post(link)
    with time_machine.travel(timezone.now() + LINK_LASTS, tick=False):
        assert b"expired" in Client().get(link).content
        assert password(client, moderator) == 403
        reset = resets.ask(actor=administrator, user=moderator, reason="She was ill")
        _, token = resets.approve(actor=second_administrator, reset=reset)
        assert b"no longer works" in Client().get(link).content
        client.post(reverse("accounts:enrol_anew", args=[token]))
        password(client, moderator)
        assert is_signed_in(client)


def test_only_a_hash_of_the_link_is_kept(link: str) -> None:
    token = link.rstrip("/").rpartition("/")[2]
    assert token not in repr(list(SecondFactorReset.objects.values()))
    assert token not in repr(list(AuditEvent.objects.values()))


@pytest.mark.parametrize("token", ["x", "x:y", "a" * 300])
def test_a_damaged_link_is_refused(client: Client, db: None, token: str) -> None:
    answer = client.get(reverse("accounts:enrol_anew", args=[token]))
    assert answer.status_code == 410
    assert b"damaged" in answer.content


def test_nobody_agrees_to_their_own_request(asked: SecondFactorReset, administrator: User) -> None:
    with pytest.raises(NotAllowed, match="Someone else must agree"):
        resets.approve(actor=administrator, reset=asked)


def test_nobody_agrees_to_the_reset_of_their_own(
    administrator: User, second_administrator: User
) -> None:
    enrol(second_administrator)
    reset = resets.ask(actor=administrator, user=second_administrator, reason="x")
    with pytest.raises(NotAllowed, match="Someone else must agree"):
        resets.approve(actor=second_administrator, reset=reset)
    with pytest.raises(NotAllowed):
        resets.ask(actor=administrator, user=administrator, reason="x")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_reset(asked: SecondFactorReset, moderator: User, role: Role) -> None:
    actor = person("Somebody", role)
    with pytest.raises(NotAllowed):
        resets.ask(actor=actor, user=moderator, reason="x")
    with pytest.raises(NotAllowed):
        resets.approve(actor=actor, reset=asked)
    with pytest.raises(NotAllowed):
        resets.refuse(actor=actor, reset=asked, reason="x")


def test_a_refused_or_withdrawn_reset_takes_nothing_away(
    asked: SecondFactorReset, administrator: User, second_administrator: User, moderator: User
) -> None:
    resets.refuse(actor=second_administrator, reset=asked, reason="It was not her")
    again = resets.ask(actor=administrator, user=moderator, reason="It was")
    resets.withdraw(actor=administrator, reset=again)
    for reset in (asked, again):
        with pytest.raises(ResetRefused):
            resets.approve(actor=second_administrator, reset=reset)
    assert Authenticator.objects.filter(user=moderator).exists()


def test_it_is_asked_for_once_and_for_whoever_has_a_factor(
    asked: SecondFactorReset, administrator: User, moderator: User, stranger: User
) -> None:
    with pytest.raises(ResetRefused, match="already"):
        resets.ask(actor=administrator, user=moderator, reason="x")
    with pytest.raises(ResetRefused, match="no second factor"):
        resets.ask(actor=administrator, user=stranger, reason="x")


def test_a_closed_account_has_no_open_reset(
    client: Client, link: str, administrator: User, moderator: User
) -> None:
    people.deactivate(actor=administrator, user=moderator, reason="Left")
    assert client.get(link).status_code == 410
    with pytest.raises(ResetRefused, match="closed"):
        resets.ask(actor=administrator, user=moderator, reason="x")


def test_the_database_asks_for_two_as_well(
    asked: SecondFactorReset, administrator: User, moderator: User
) -> None:
    for decided_by in (None, administrator, moderator):
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondFactorReset.objects.filter(pk=asked.pk).update(
                state=State.APPROVED,
                decided_by=decided_by,
                digest="0" * 64,
                expires_at=timezone.now() + timedelta(hours=1),
            )


def test_the_operator_resets_where_there_are_not_two_administrators(
    client: Client, moderator: User, lost: str
) -> None:
    out = StringIO()
    call_command("reset_second_factor", moderator.email, "--reason", "Both keys burnt", stdout=out)
    client.post(out.getvalue().strip())
    password(client, moderator)
    assert is_signed_in(client)
    services = AuditEvent.objects.filter(object_type="secondfactorreset").values_list(
        "actor_service", flat=True
    )
    assert set(services) == {"command line"}
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("reset_second_factor", "no.one@desk.example", "--reason", "x")


def test_two_administrators_do_it_on_the_people_page(
    client: Client, administrator: User, second_administrator: User, moderator: User, lost: str
) -> None:
    sign_in(client, administrator)
    page = client.get(reverse("accounts:people")).content.decode()
    ask = reverse("accounts:ask_reset", args=[moderator.pk])
    assert ask in page
    client.post(ask, {"reason": "She called me"})
    agree = reverse("accounts:approve_reset", args=[SecondFactorReset.objects.get().pk])
    assert "Someone else must agree" in client.get(reverse("accounts:people")).content.decode()
    assert client.post(agree).status_code == 403

    other = Client()
    sign_in(other, second_administrator)
    assert agree in other.get(reverse("accounts:people")).content.decode()
    answer = other.post(agree)
    assert "http://testserver/accounts/resets/" in answer.content.decode()
    assert "/accounts/resets/" not in other.get(reverse("accounts:people")).content.decode()
