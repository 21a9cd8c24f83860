"""Single sign-on by OpenID Connect, against a provider on a real port."""

import html
import logging
import re
import time
from collections.abc import Iterator
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
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts import people, resets
from accounts.models import AuditEvent, ProviderIdentity, User
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.accounts.second_factors import enrol, type_code
from tests.conftest import person, sign_in

LOGIN = reverse("account_login")
BEGIN = reverse("account_sso")
CALLBACK = reverse("account_sso_callback")


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, settings: Settings, moderator: User) -> Provider:
    """A provider that knows the moderator by a verified address."""
    vars(server).update(vars(Provider(server.url)))
    settings.OIDC_SERVER_URL = server.url
    settings.OIDC_CLIENT_ID = CLIENT_ID
    settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
    settings.OIDC_NAME = "Example Org"
    server.sign_in_as("mira-1", moderator.email)
    return server


def leave(client: Client, **sent: str) -> str:
    """Begin, and return the address at the provider that the browser goes to."""
    page = client.post(BEGIN, sent).content.decode()
    found = re.search(r'content="0; url=([^"]+)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def come_back(client: Client, there: str) -> HttpResponse:
    """Sign in at the provider, and follow it back to the desk."""
    answer = requests.get(there, allow_redirects=False, timeout=5)
    return client.get(answer.headers["Location"])


def single_sign_on(client: Client, **sent: str) -> HttpResponse:
    return come_back(client, leave(client, **sent))


def is_signed_in(client: Client, user: User | None = None) -> bool:
    found = client.session.get("_auth_user_id")
    return found is not None and (user is None or found == str(user.pk))


def refused(answer: HttpResponse, status: int, text: str) -> None:
    assert answer.status_code == status
    assert text in html.unescape(answer.content.decode())
    assert "_auth_user_id" not in answer.client.session  # type: ignore[attr-defined]


def test_the_button_is_there_where_a_provider_is_named(
    client: Client, provider: Provider, settings: Settings
) -> None:
    assert b"Sign in with Example Org" in client.get(LOGIN).content
    settings.OIDC_SERVER_URL = ""
    assert BEGIN.encode() not in client.get(LOGIN).content


def test_it_signs_in_whom_the_provider_verified(
    client: Client, provider: Provider, moderator: User
) -> None:
    answer = single_sign_on(client)
    assert answer.status_code == 302
    assert is_signed_in(client, moderator)
    identity = moderator.provider_identities.get()
    assert (identity.issuer, identity.subject) == (provider.url, "mira-1")
    verbs = AuditEvent.objects.order_by("pk").values_list("verb", "changes")
    assert list(verbs) == [
        ("link_identity", {"issuer": provider.url}),
        ("sign_in", {"by": ["socialaccount"]}),
    ]


def test_it_leads_back_to_the_page_that_was_asked_for_and_to_no_other_site(
    client: Client, provider: Provider
) -> None:
    assert single_sign_on(client, next="/accounts/me/")["Location"] == "/accounts/me/"
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
        assert single_sign_on(client, next=elsewhere)["Location"] == "/"


def test_the_second_factor_stays_required(
    client: Client, provider: Provider, moderator: User
) -> None:
    secret = enrol(moderator)
    assert single_sign_on(client)["Location"] == reverse("mfa_authenticate")
    assert not is_signed_in(client)
    type_code(client, secret)
    assert is_signed_in(client, moderator)
    signed_in = AuditEvent.objects.get(verb="sign_in")
    assert signed_in.changes == {"by": ["socialaccount", "mfa"]}


def test_whoever_has_none_is_led_to_enrol_one(
    client: Client, provider: Provider, settings: Settings
) -> None:
    settings.HOLDFAST_REQUIRE_SECOND_FACTOR = True
    single_sign_on(client)
    assert client.get(reverse("accounts:me"))["Location"] == reverse("mfa_index")


def test_it_confirms_no_weighty_act(client: Client, provider: Provider) -> None:
    """The provider is the first factor. A fresh sign-in there is no fresh second one."""
    single_sign_on(client)
    answer = client.get(reverse("accounts:create_token"))
    assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_a_changed_address_never_moves_an_account(
    client: Client, provider: Provider, moderator: User, senior: User
) -> None:
    single_sign_on(client)
    client.logout()
    provider.sign_in_as("mira-1", senior.email)
    single_sign_on(client)
    assert is_signed_in(client, moderator)
    assert not senior.provider_identities.exists()


def test_an_address_given_to_somebody_else_opens_nothing(
    client: Client, provider: Provider, moderator: User
) -> None:
    single_sign_on(client)
    client.logout()
    provider.sign_in_as("newcomer-2", moderator.email)
    refused(single_sign_on(client), 403, "somebody else there signs in to")
    event = AuditEvent.objects.get(verb="refused")
    assert (event.actor_service, event.object_id) == ("sign-in", str(moderator.pk))
    assert event.changes["rule"] == "sso_person_refused"


@pytest.mark.parametrize("verified", [False, None, "false", "true", 1])
def test_an_address_that_is_not_verified_opens_nothing(
    client: Client, provider: Provider, moderator: User, verified: object
) -> None:
    provider.sign_in_as("mira-1", moderator.email, verified=verified)
    refused(single_sign_on(client), 403, "is not verified there")
    assert not ProviderIdentity.objects.exists()


def test_nobody_signs_up(client: Client, provider: Provider) -> None:
    before = User.objects.count()
    provider.sign_in_as("stranger-1", "no.one@desk.example")
    refused(single_sign_on(client), 403, "People are invited by an administrator")
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_closed_account_stays_closed(
    client: Client, provider: Provider, moderator: User, administrator: User
) -> None:
    single_sign_on(client)
    people.deactivate(actor=administrator, user=moderator, reason="Left")
    refused(single_sign_on(client), 403, "closed")


def test_an_account_that_opens_again_is_linked_anew(
    client: Client, provider: Provider, moderator: User, administrator: User
) -> None:
    single_sign_on(client)
    people.deactivate(actor=administrator, user=moderator, reason="Left")
    _, token = people.invite(actor=administrator, email=moderator.email, name="Mira Holt")
    people.accept(token=token, password="a heron over the weir")
    provider.sign_in_as("mira-2", moderator.email)
    single_sign_on(client)
    assert is_signed_in(client, moderator)
    assert moderator.provider_identities.standing().get().subject == "mira-2"


def test_an_invitation_is_taken_up_by_its_link_first(client: Client, provider: Provider) -> None:
    invited = User.objects.create_user(email="noor@desk.example", name="Noor Haddad")
    provider.sign_in_as("noor-1", invited.email)
    refused(single_sign_on(client), 403, "by the link of your invitation")


def test_a_reset_second_factor_keeps_it_out_as_well(
    client: Client, provider: Provider, moderator: User, administrator: User
) -> None:
    single_sign_on(client)
    client.logout()
    enrol(moderator)
    resets.reset_on_the_command_line(user=moderator, reason="Lost the key")
    assert single_sign_on(client).status_code == 403
    assert not is_signed_in(client)


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


def test_an_address_that_the_token_leaves_out_is_asked_for(
    client: Client, provider: Provider, moderator: User
) -> None:
    provider.claims |= {"email": None, "email_verified": None}
    provider.user_info = {"sub": "mira-1", "email": moderator.email, "email_verified": True}
    single_sign_on(client)
    assert is_signed_in(client, moderator)


def test_user_info_about_somebody_else_is_not_believed(
    client: Client, provider: Provider, moderator: User
) -> None:
    provider.claims |= {"email": None, "email_verified": None}
    provider.user_info = {"sub": "another", "email": moderator.email, "email_verified": True}
    refused(single_sign_on(client), 403, "could not be verified")


def test_a_provider_that_is_down_is_said(client: Client, provider: Provider) -> None:
    there = leave(client)
    provider.is_down = True
    refused(client.post(BEGIN), 503, "does not answer at the moment")  # type: ignore[arg-type]
    refused(come_back(client, there), 503, "does not answer at the moment")


def test_a_removed_provider_is_said_and_the_password_still_works(
    client: Client, provider: Provider, settings: Settings, moderator: User
) -> None:
    there = leave(client)
    settings.OIDC_SERVER_URL = ""
    refused(come_back(client, there), 404, "is not set up on this desk")
    assert client.post(BEGIN).status_code == 404
    sign_in(client, moderator)


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


def test_a_cancelled_sign_in_is_said(client: Client, provider: Provider) -> None:
    provider.answers_no = True
    refused(single_sign_on(client), 403, "cancelled")


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


def test_the_provider_is_asked_with_pkce_state_and_nonce(
    client: Client, provider: Provider
) -> None:
    single_sign_on(client)
    (asked,) = provider.authorisations
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert set(asked["scope"].split()) == {"openid", "profile", "email"}
    assert len(asked["nonce"]) > 40
    assert "secret" not in repr(asked)


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
