"""Talking to the provider of single sign-on, as OpenID Connect Core 1.0 describes it.

allauth sends people there and trades the code for a token, with a state of one use and PKCE. It
leaves the signature of the token, the nonce and the issuer of the discovery document unchecked;
those checks are here. What is believed in the end is `Claims`.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import jwt
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from allauth.utils import build_absolute_uri
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from requests import RequestException

from accounts.refusals import Refusal

PROVIDER_ID = "sso"
SIGNATURES = ["RS256", "PS256", "ES256"]
REQUIRED_CLAIMS = ["iss", "sub", "aud", "exp", "iat", "nonce"]


class SignInStopped(Refusal):
    """A single sign-on that leads nowhere. Nothing changed, and the password still works."""

    code = "sso_stopped"
    status = 403


class NotSetUp(SignInStopped):
    """A desk without a provider, or one whose provider was removed."""

    code = "sso_not_set_up"
    status = 404

    def __init__(self) -> None:
        super().__init__(
            "Single sign-on is not set up on this desk. Sign in with your password or passkey."
        )


class ProviderDown(SignInStopped):
    """The provider gives no answer that can be read."""

    code = "sso_provider_down"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            f"{settings.OIDC_NAME} does not answer at the moment. Try again in a while, or sign "
            "in with your password or passkey."
        )


class NotBelieved(SignInStopped):
    """An answer that is not provably the provider's answer to this browser's question."""

    code = "sso_not_believed"

    def __init__(self) -> None:
        super().__init__(
            f"The answer of {settings.OIDC_NAME} could not be verified, so nobody was signed in. "
            "Start again. If it stays so, tell whoever runs this desk."
        )


class Expired(SignInStopped):
    """A sign-in that was begun too long ago, in another browser, or that was used already."""

    code = "sso_expired"
    status = 400

    def __init__(self) -> None:
        super().__init__("This sign-in took too long, or was begun elsewhere. Start again.")


class Cancelled(SignInStopped):
    """The person, or the provider, said no."""

    code = "sso_cancelled"

    def __init__(self) -> None:
        super().__init__(f"You were not signed in: {settings.OIDC_NAME} says it was cancelled.")


@dataclass(frozen=True, slots=True)
class Claims:
    """What the provider says of a person, verified."""

    issuer: str
    subject: str
    email: str
    email_is_verified: bool


def is_set_up() -> bool:
    """Tell whether this desk has a provider."""
    return bool(settings.OIDC_SERVER_URL)


def begin(request: HttpRequest) -> str:
    """Return the address at the provider to go to. What to compare later stays in the session."""
    adapter = _Adapter(request)
    nonce = secrets.token_urlsafe(32)
    try:
        answer = adapter.get_provider().redirect(
            request,
            AuthProcess.LOGIN,
            next_url=get_next_redirect_url(request),
            auth_params={"nonce": nonce},
            nonce=nonce,
        )
    except (RequestException, ValueError) as error:
        raise ProviderDown from error
    except (OAuth2Error, KeyError) as error:
        raise NotBelieved from error
    return str(answer["Location"])


def finish(request: HttpRequest) -> tuple[Claims, str | None]:
    """Return what the provider says of whoever came back, and the page they wanted."""
    adapter = _Adapter(request)
    if not is_set_up():
        raise NotSetUp
    state = statekit.unstash_state(
        request, state_id=request.GET.get("state", ""), provider_id=PROVIDER_ID
    )
    if state is None:
        raise Expired
    if request.GET.get("error") == "access_denied":
        raise Cancelled
    if "code" not in request.GET:
        raise NotBelieved
    try:
        return adapter.claims(state), state.get("next")
    except RequestException as error:
        raise ProviderDown from error
    except (OAuth2Error, jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise NotBelieved from error


class _Provider(OpenIDConnectProvider):
    pkce_enabled_default = True

    def get_oauth2_adapter(self, request: HttpRequest) -> "_Adapter":
        return _Adapter(request)


class _Adapter(OpenIDConnectOAuth2Adapter):
    """The provider of the settings. Rows of allauth's table of providers count for nothing."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request, PROVIDER_ID)

    def get_provider(self) -> _Provider:
        if not is_set_up():
            raise NotSetUp
        app = SocialApp(
            provider=_Provider.id,
            provider_id=PROVIDER_ID,
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_SERVER_URL},
        )
        return _Provider(self.request, app=app)

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return str(build_absolute_uri(request, reverse("account_sso_callback")))

    @property
    def openid_config(self) -> dict[str, Any]:
        """The discovery document. One of another issuer is refused (Discovery 1.0, section 4.3)."""
        config: dict[str, Any] = super().openid_config
        if str(config.get("issuer")).rstrip("/") != settings.OIDC_SERVER_URL.rstrip("/"):
            raise OAuth2Error("The discovery document names another issuer.")
        return config

    def claims(self, state: dict[str, Any]) -> Claims:
        """Trade the code for the token, and verify it."""
        app = self.get_provider().app
        answer = self.get_access_token_data(
            self.request,
            app,
            self.get_client(self.request, app),
            pkce_code_verifier=state["pkce_code_verifier"],
        )
        said = self._verified(answer["id_token"])
        if said["nonce"] != state["nonce"] or said.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The token answers another question.")
        about = said if "email" in said else self._user_info(answer["access_token"], said["sub"])
        return Claims(
            issuer=said["iss"],
            subject=said["sub"],
            email=str(about.get("email", "")),
            email_is_verified=about.get("email_verified") is True,
        )

    def _verified(self, token: str) -> dict[str, Any]:
        """Check signature, issuer, audience and time (OpenID Connect Core 1.0, section 3.1.3.7)."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json())
        said: dict[str, Any] = jwt.decode(
            token,
            keys[jwt.get_unverified_header(token)["kid"]],
            algorithms=SIGNATURES,
            audience=settings.OIDC_CLIENT_ID,
            issuer=self.openid_config["issuer"],
            leeway=30,
            options={"require": REQUIRED_CLAIMS},
        )
        return said

    def _user_info(self, access_token: str, subject: str) -> dict[str, Any]:
        """Ask for the e-mail where the token has none. It must speak of the same person."""
        about: dict[str, Any] = self._fetch_user_info(access_token)
        if about["sub"] != subject:
            raise OAuth2Error("The user info speaks of somebody else.")
        return about
