"""What an attacker, another provider or the database makes of single sign-on: nothing."""

import logging
import re
import time
from datetime import timedelta
from io import StringIO

import jwt
import pytest
import requests
import time_machine
from allauth.socialaccount.models import SocialAccount, SocialApp
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import ProviderIdentity, User
from tests.accounts.oidc_provider import CLIENT_ID, Provider, running
from tests.accounts.signing_on import (
    BEGIN,
    CALLBACK,
    LOGIN,
    come_back,
    is_signed_in,
    leave,
    refused,
    single_sign_on,
)
from tests.conftest import person


def wrong_signature(provider: Provider) -> None:
    provider.signing_key = rsa.generate_private_key(65537, 2048)


def wrong_issuer(provider: Provider) -> None:
    provider.claims["iss"] = "https://evil.example"


def wrong_audience(provider: Provider) -> None:
    provider.claims["aud"] = "another-client"


def wrong_party(provider: Provider) -> None:
    provider.claims |= {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"}


def wrong_nonce(provider: Provider) -> None:
    provider.claims["nonce"] = "of-another-browser"


def no_nonce(provider: Provider) -> None:
    provider.claims["nonce"] = None


def expired(provider: Provider) -> None:
    provider.claims["exp"] = int(time.time()) - 60


def no_subject(provider: Provider) -> None:
    provider.claims["sub"] = None


def another_issuer_in_discovery(provider: Provider) -> None:
    provider.discovery["issuer"] = "https://evil.example"
    provider.claims["iss"] = "https://evil.example"


@pytest.mark.parametrize(
    "broken",
    [
        wrong_signature,
        wrong_issuer,
        wrong_audience,
        wrong_party,
        wrong_nonce,
        no_nonce,
        expired,
        no_subject,
        another_issuer_in_discovery,
    ],
)
def test_a_token_that_is_not_provably_for_us_is_not_believed(
    client: Client, provider: Provider, broken: object
) -> None:
    there = leave(client)
    assert callable(broken)
    broken(provider)
    refused(come_back(client, there), 403, "could not be verified")
    assert not ProviderIdentity.objects.exists()


def test_an_unsigned_token_is_not_believed(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode = jwt.encode
    monkeypatch.setattr(
        jwt, "encode", lambda claims, key, name, headers: encode(claims, None, "none", headers)
    )
    refused(single_sign_on(client), 403, "could not be verified")


def test_user_info_about_somebody_else_is_not_believed(
    client: Client, provider: Provider, moderator: User
) -> None:
    provider.claims |= {"email": None, "email_verified": None}
    provider.user_info = {"sub": "another", "email": moderator.email, "email_verified": True}
    refused(single_sign_on(client), 403, "could not be verified")


def test_another_provider_does_not_inherit_the_accounts_of_the_first(
    client: Client, provider: Provider, settings: Settings, moderator: User, senior: User
) -> None:
    """The same name for a person means somebody else at another issuer."""
    single_sign_on(client)
    client.logout()
    with running() as other:
        settings.OIDC_SERVER_URL = other.url
        other.sign_in_as("mira-1", senior.email)
        single_sign_on(client)
    assert is_signed_in(client, senior)


def test_an_answer_counts_once_in_the_browser_that_asked_and_for_ten_minutes(
    client: Client, provider: Provider
) -> None:
    back = requests.get(leave(client), allow_redirects=False, timeout=5).headers["Location"]
    refused(Client().get(back), 400, "begun elsewhere")
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        refused(client.get(back), 400, "took too long")
    back = requests.get(leave(client), allow_redirects=False, timeout=5).headers["Location"]
    client.get(back)
    assert is_signed_in(client)
    client.logout()
    refused(client.get(back), 400, "took too long")


def test_a_stolen_code_is_worth_nothing_in_another_browser(
    client: Client, provider: Provider
) -> None:
    """PKCE: the verifier stays in the session that asked."""
    stolen = requests.get(leave(client), allow_redirects=False, timeout=5).headers["Location"]
    code = re.search(r"code=([^&]+)", stolen)
    assert code is not None
    thief = Client()
    asked = leave(thief)
    state = re.search(r"state=([^&]+)", asked)
    assert state is not None
    answer = thief.get(CALLBACK, {"state": state[1], "code": code[1]})
    refused(answer, 403, "could not be verified")


def test_five_refusals_close_the_door_on_that_person_only(
    client: Client, provider: Provider, moderator: User, senior: User
) -> None:
    provider.sign_in_as("mira-1", "no.one@desk.example")
    for _ in range(5):
        assert single_sign_on(client).status_code == 403
    provider.sign_in_as("mira-1", moderator.email)
    refused(single_sign_on(client), 429, "Wait five minutes")
    provider.sign_in_as("tola-1", senior.email)
    single_sign_on(client)
    assert is_signed_in(client, senior)
    assert "no.one" not in repr(cache._cache)  # type: ignore[attr-defined]  of the tests


def test_no_log_keeps_what_the_provider_sent_back(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    (console,) = (each for each in logging.getLogger().handlers if each.name == "console")
    monkeypatch.setattr(console, "stream", log := StringIO())
    back = requests.get(leave(client), allow_redirects=False, timeout=5).headers["Location"]
    provider.is_down = True
    assert client.get(back).status_code == 503
    assert "/accounts/sso/callback/?[hidden]" in log.getvalue()
    assert "state=" not in log.getvalue()


def test_the_session_gets_a_new_key(client: Client, provider: Provider) -> None:
    client.get(LOGIN)
    there = leave(client)
    planted = client.session.session_key
    come_back(client, there)
    assert client.session.session_key != planted


def test_nobody_begins_it_from_another_site_or_by_a_link(provider: Provider) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(BEGIN).status_code == 403
    assert strict.get(BEGIN).status_code == 405


def test_a_provider_in_the_database_counts_for_nothing(
    client: Client, provider: Provider, settings: Settings, moderator: User
) -> None:
    SocialApp.objects.create(
        provider="openid_connect", provider_id="sso", name="Evil", client_id="evil"
    )
    SocialAccount.objects.create(user=person("Victim"), provider="sso", uid="mira-1")
    single_sign_on(client)
    assert is_signed_in(client, moderator)
    settings.OIDC_SERVER_URL = ""
    assert client.post(BEGIN).status_code == 404


def test_sql_moves_nobody_to_another_account(
    client: Client, provider: Provider, moderator: User, senior: User
) -> None:
    single_sign_on(client)
    for change in ({"user": senior}, {"subject": "another"}, {"issuer": "https://evil.example"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ProviderIdentity.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        ProviderIdentity.objects.all().delete()
