"""Single sign-on by OpenID Connect, against a provider on a real port."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts import people, resets
from accounts.models import AuditEvent, ProviderIdentity, User
from tests.accounts.oidc_provider import Provider
from tests.accounts.second_factors import enrol, type_code
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
from tests.conftest import sign_in


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


def test_an_address_that_the_token_leaves_out_is_asked_for(
    client: Client, provider: Provider, moderator: User
) -> None:
    provider.claims |= {"email": None, "email_verified": None}
    provider.user_info = {"sub": "mira-1", "email": moderator.email, "email_verified": True}
    single_sign_on(client)
    assert is_signed_in(client, moderator)


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


def test_a_cancelled_sign_in_is_said(client: Client, provider: Provider) -> None:
    provider.error = "access_denied"
    refused(single_sign_on(client), 403, "cancelled")


def test_another_error_of_the_provider_is_no_sign_in(client: Client, provider: Provider) -> None:
    provider.error = "invalid_scope"
    refused(single_sign_on(client), 403, "could not be verified")


def test_a_discovery_document_without_an_address_is_said(
    client: Client, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "configuration", lambda: {"issuer": provider.url})
    refused(client.post(BEGIN), 403, "could not be verified")  # type: ignore[arg-type]


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
