"""Letting people in by a link, and closing an account."""

import logging
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import people, sessions, tokens
from accounts.models import AuditEvent, DeskSession, Invitation, User
from accounts.people import INVITATION_LASTS, InvitationRefused
from accounts.refusals import NotAllowed
from accounts.roles import Role
from tests.conftest import person

GOOD = "a heron over the weir"


def invited(administrator: User, email: str = "new@desk.example") -> str:
    return people.invite(actor=administrator, email=email, name="Noor Haddad")[1]


def take_up(client: Client, token: str, password: str = GOOD, again: str | None = None) -> int:
    answer = client.post(
        reverse("accounts:accept_invitation", args=[token]),
        {"password": password, "again": again or password},
    )
    return answer.status_code


def test_a_link_opens_an_account_without_any_role(client: Client, administrator: User) -> None:
    token = invited(administrator, "New@Desk.example")
    assert take_up(client, token) == 302
    user = User.objects.get(email="new@desk.example")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.roles == set()
    assert user.check_password(GOOD)


def test_only_a_hash_of_the_link_is_kept(administrator: User) -> None:
    token = invited(administrator)
    assert token not in repr(list(Invitation.objects.values()))
    assert token not in repr(list(AuditEvent.objects.values()))


def test_no_log_keeps_a_link(
    client: Client, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that comes back is logged with its path, and the link still opens the account."""
    (console,) = (each for each in logging.getLogger().handlers if each.name == "console")
    monkeypatch.setattr(console, "stream", log := StringIO())
    token = invited(administrator)
    assert take_up(client, token, "short") == 422
    logged = log.getvalue()
    assert "/accounts/invitations/[hidden]/" in logged
    assert token not in logged


def test_a_used_link_is_refused(client: Client, administrator: User) -> None:
    token = invited(administrator)
    take_up(client, token)
    answer = Client().get(reverse("accounts:accept_invitation", args=[token]))
    assert answer.status_code == 410
    assert b"used already" in answer.content


def test_an_expired_link_is_refused(client: Client, administrator: User) -> None:
    token = invited(administrator)
    with time_machine.travel(timezone.now() + INVITATION_LASTS + timedelta(seconds=1), tick=False):
        answer = client.get(reverse("accounts:accept_invitation", args=[token]))
    assert b"expired" in answer.content
    assert not User.objects.filter(email="new@desk.example").exists()


def test_a_new_link_ends_the_old_one(client: Client, administrator: User) -> None:
    old, new = invited(administrator), invited(administrator)
    assert take_up(client, old) == 410
    assert take_up(client, new) == 302


def test_a_revoked_link_is_refused(client: Client, administrator: User) -> None:
    token = invited(administrator)
    people.revoke_invitation(actor=administrator, invitation=Invitation.objects.get())
    assert take_up(client, token) == 410


@pytest.mark.parametrize("token", ["x", "x:y", "a" * 300])
def test_a_damaged_link_is_refused(client: Client, db: None, token: str) -> None:
    assert take_up(client, token) == 410


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), ("password1234", "password1234"), (GOOD, "other")]
)
def test_a_weak_or_mistyped_password_leaves_the_link_open(
    client: Client, administrator: User, password: str, again: str
) -> None:
    token = invited(administrator)
    assert take_up(client, token, password, again) == 422
    assert not User.objects.filter(email="new@desk.example").exists()
    assert take_up(client, token) == 302


def test_whoever_works_here_is_not_invited_again(administrator: User, moderator: User) -> None:
    with pytest.raises(InvitationRefused, match="works here already"):
        invited(administrator, moderator.email.upper())


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_administrators_invite_and_close(stranger: User, role: Role) -> None:
    actor = person("Somebody", role)
    with pytest.raises(NotAllowed):
        invited(actor)
    with pytest.raises(NotAllowed):
        people.deactivate(actor=actor, user=stranger, reason="x")


def test_the_first_administrators_open_their_accounts_by_link(client: Client, db: None) -> None:
    call_command("bootstrap_admins", "a@desk.example", "b@desk.example", stdout=(out := StringIO()))
    address = out.getvalue().split(" at ")[1].split()[0]
    client.post(address, {"password": GOOD, "again": GOOD})
    assert User.objects.get(email="a@desk.example").has_perm("accounts.grant_role")
    assert "_auth_user_id" in client.session


def test_closing_an_account_ends_roles_tokens_and_sessions_at_once(
    administrator: User, moderator: User
) -> None:
    browser = Client()
    browser.force_login(moderator)
    _, secret = tokens.create(
        actor=moderator, user=moderator, name="x", scopes=["cases.view_case"], days=1
    )
    people.deactivate(actor=administrator, user=moderator, reason="Left")
    assert User.objects.get(pk=moderator.pk).roles == set()
    assert tokens.authenticate(secret) is None
    assert not DeskSession.objects.filter(user=moderator).exists()
    answer = browser.get(reverse("account_change_password"))
    assert answer["Location"].startswith(reverse("account_login"))


def test_a_closed_account_opens_again_by_invitation_and_without_its_roles(
    client: Client, administrator: User, moderator: User
) -> None:
    people.deactivate(actor=administrator, user=moderator, reason="Left")
    assert take_up(client, invited(administrator, moderator.email)) == 302
    again = User.objects.get(pk=moderator.pk)
    assert again.is_active
    assert again.roles == set()


def test_nobody_closes_their_own_account(administrator: User) -> None:
    with pytest.raises(NotAllowed):
        people.deactivate(actor=administrator, user=administrator, reason="x")


def test_people_see_and_end_their_own_sessions(moderator: User) -> None:
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.force_login(moderator)
    assert len(sessions.of(moderator)) == 2
    ended = sessions.revoke(actor=moderator, user=moderator, kept=here.session.session_key)
    assert ended == 1
    assert "_auth_user_id" in here.session
    assert "_auth_user_id" not in elsewhere.session


def test_nobody_ends_a_colleagues_session(moderator: User, senior: User) -> None:
    with pytest.raises(NotAllowed):
        sessions.revoke(actor=senior, user=moderator)


def test_a_session_keeps_no_address(moderator: User) -> None:
    browser = Client(REMOTE_ADDR="198.51.100.77", HTTP_USER_AGENT="Lynx/2.9")
    browser.post(reverse("account_login"), {"login": moderator.email, "password": "correct horse"})
    (session,) = DeskSession.objects.filter(user=moderator)
    assert session.signed_in_at is not None
    kept = repr(session.get_decoded()) + repr(DeskSession.objects.values())
    assert "198.51.100.77" not in kept
    assert "Lynx" not in kept
