"""Signing in by the provider of the organisation. It stands in for the password alone."""

import hashlib

import structlog
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import audit, identities, openid
from accounts.actors import SIGN_IN
from accounts.openid import Claims, SignInStopped

log = structlog.get_logger(__name__)


class TooManyAttempts(SignInStopped):
    """Five refusals of one person of the provider in five minutes."""

    code = "sso_too_many"
    status = 429

    def __init__(self) -> None:
        super().__init__("You tried this too often. Wait five minutes, then try again.")


@require_POST
@never_cache
def begin(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider, by a page of its own.

    A redirect would be cut off: `form-action 'self'` forbids a form to end on another host.
    """
    try:
        context = {"url": openid.begin(request), "name": settings.OIDC_NAME}
    except SignInStopped as refusal:
        return _stopped(request, refusal)
    return render(request, "accounts/sso_leave.html", context)


@require_GET
@never_cache
def finish(request: HttpRequest) -> HttpResponse:
    """Take up what the provider said. A second factor follows, as after a password."""
    try:
        claims, wanted = openid.finish(request)
        attempt = ratelimit.consume(
            request,
            app="allauth.account",
            action="sso_refused",
            key=_who(claims),
            limit_get=True,
        )
        if attempt is None:
            raise TooManyAttempts
        user = identities.person_of(claims)
    except SignInStopped as refusal:
        return _stopped(request, refusal)
    attempt.rollback()
    record_authentication(request, user, method="socialaccount", provider=openid.PROVIDER_ID)
    return perform_login(request, Login(user=user, redirect_url=wanted))


def _who(claims: Claims) -> str:
    """Name the person in the cache without their name."""
    return hashlib.sha256(f"{claims.issuer}\n{claims.subject}".encode()).hexdigest()


def _stopped(request: HttpRequest, refusal: SignInStopped) -> HttpResponse:
    """Say what stopped it. In the record stands whose account it was, where there is one."""
    log.warning("sso_stopped", rule=refusal.code)
    if refusal.target is not None:
        audit.record(
            actor=SIGN_IN,
            verb="refused",
            target=refusal.target,
            changes={"rule": refusal.code, "address": "account_sso_callback"},
        )
    return render(
        request, "accounts/sso_stopped.html", {"text": str(refusal)}, status=refusal.status
    )
