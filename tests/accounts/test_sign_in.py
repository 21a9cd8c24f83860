"""Signing in and out with e-mail and password."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User

LOGIN = reverse("account_login")
PASSWORD = "correct horse"


def attempt(client: Client, user: User, password: str = PASSWORD, **extra: str) -> int:
    answer = client.post(LOGIN, {"login": user.email, "password": password, **extra})
    return answer.status_code


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_it_signs_in_with_email_and_password(client: Client, moderator: User) -> None:
    answer = client.post(LOGIN, {"login": moderator.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert is_signed_in(client)


def test_it_refuses_a_wrong_password(client: Client, moderator: User) -> None:
    answer = client.post(LOGIN, {"login": moderator.email, "password": "wrong"})
    assert answer.status_code == 422
    assert b"Not saved" in answer.content
    assert not is_signed_in(client)


def test_it_tells_a_stranger_nothing_about_who_works_here(client: Client, moderator: User) -> None:
    known = client.post(LOGIN, {"login": moderator.email, "password": "wrong"})
    unknown = client.post(LOGIN, {"login": "no.one@desk.example", "password": "wrong"})
    assert known.context["form"].errors == unknown.context["form"].errors


def test_it_refuses_a_closed_account(client: Client, moderator: User) -> None:
    User.objects.filter(pk=moderator.pk).update(is_active=False)
    attempt(client, moderator)
    assert not is_signed_in(client)


def test_a_closed_account_is_out_at_the_next_request(client: Client, moderator: User) -> None:
    attempt(client, moderator)
    User.objects.filter(pk=moderator.pk).update(is_active=False)
    answer = client.get(reverse("account_change_password"))
    assert answer["Location"].startswith(LOGIN)


def test_five_wrong_passwords_close_the_door_on_that_account_only(
    client: Client, moderator: User, senior: User
) -> None:
    for _ in range(5):
        attempt(client, moderator, "wrong")
    attempt(client, moderator)
    assert not is_signed_in(client)
    attempt(client, senior)
    assert is_signed_in(client)


def test_throttling_keeps_no_address(client: Client, moderator: User) -> None:
    client.post(LOGIN, {"login": moderator.email, "password": "wrong"}, REMOTE_ADDR="198.51.100.77")
    kept = repr(cache._cache)  # type: ignore[attr-defined]  # the local memory cache of tests
    assert "login_failed" in kept
    assert "198.51.100.77" not in kept
    assert moderator.email not in kept


def test_the_session_gets_a_new_key_when_somebody_signs_in(client: Client, moderator: User) -> None:
    client.get(LOGIN)
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    client.cookies["sessionid"] = session.session_key or ""
    attempt(client, moderator)
    assert client.cookies["sessionid"].value != session.session_key


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"],
)
def test_it_never_leads_to_another_site(client: Client, moderator: User, elsewhere: str) -> None:
    answer = client.post(
        f"{LOGIN}?next={elsewhere}",
        {"login": moderator.email, "password": PASSWORD, "next": elsewhere},
    )
    assert answer["Location"] == "/"


def test_it_leads_back_to_the_page_that_was_asked_for(client: Client, moderator: User) -> None:
    answer = client.post(LOGIN, {"login": moderator.email, "password": PASSWORD, "next": "/a/"})
    assert answer["Location"] == "/a/"


def test_the_form_needs_its_token(moderator: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert attempt(strict, moderator) == 403
    assert not is_signed_in(strict)


def test_a_link_alone_signs_nobody_out(client: Client, moderator: User) -> None:
    attempt(client, moderator)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


def test_no_page_can_be_framed(client: Client, db: None) -> None:
    answer = client.get(LOGIN)
    assert answer["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["signup/", "email/", "password/reset/", "login/code/"])
def test_what_a_desk_does_not_offer_is_not_there(client: Client, db: None, path: str) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404
