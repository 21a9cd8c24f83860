"""Before a weighty act, somebody shows again that they are who signed in.

Approving, releasing holds, reading confidential content and granting roles ask for a second
factor from the last 15 minutes. Where a desk asks for no second factor and the person has none,
the password stands in for it.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from accounts.refusals import NotAllowed

Arguments = ParamSpec("Arguments")
Request = TypeVar("Request", bound=HttpRequest)
FRESH_MINUTES = 15
SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class ConfirmationNeeded(NotAllowed):
    """A weighty act in a session whose last confirmation is too old."""

    code = "confirmation_needed"


def require_fresh(request: HttpRequest, *, minutes: int = FRESH_MINUTES) -> None:
    """Raise `ConfirmationNeeded` in a session that is not fresh. For views without a page."""
    if not is_fresh(request, minutes=minutes):
        raise ConfirmationNeeded("Confirm on the desk's pages that it is you, then send it again.")


def has_second_factor(user: User) -> bool:
    """Tell whether the person has enrolled an authenticator app or a passkey."""
    return bool(is_mfa_enabled(user, SECOND_FACTORS))


def is_fresh(request: HttpRequest, *, minutes: int = FRESH_MINUTES) -> bool:
    """Tell whether this session showed what is asked for in the last minutes."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101  the views behind this are for who signed in
    since = time.time() - minutes * 60
    recent = {
        record["method"]
        for record in get_authentication_records(request, user)
        if record["at"] >= since
    }
    if "mfa" in recent:
        return True
    if settings.HOLDFAST_REQUIRE_SECOND_FACTOR:
        return False
    return "password" in recent and not has_second_factor(user)


def fresh_second_factor(
    *, minutes: int = FRESH_MINUTES
) -> Callable[
    [Callable[Concatenate[Request, Arguments], HttpResponse]],
    Callable[Concatenate[Request, Arguments], HttpResponse],
]:
    """Ask for a confirmation first, where the last one is too old.

    Nothing of what was sent is stored meanwhile: the person confirms and sends it again. Put it
    below the decorator that asks for a sign-in.
    """

    def decorate(
        view: Callable[Concatenate[Request, Arguments], HttpResponse],
    ) -> Callable[Concatenate[Request, Arguments], HttpResponse]:
        @wraps(view)
        def checked(
            request: Request, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponse:
            if is_fresh(request, minutes=minutes):
                return view(request, *args, **kwargs)
            return _ask(request)

        return checked

    return decorate


def _ask(request: HttpRequest) -> HttpResponse:
    address = f"{_confirmation_page(request)}?{urlencode({'next': _page_of(request)})}"
    if request.headers.get("HX-Request"):
        response = render(request, "accounts/confirm_first.html", {"url": address}, status=403)
        response["HX-Retarget"] = "#notice"
        response["HX-Reswap"] = "innerHTML"
        return response
    if request.method != "GET":
        messages.warning(request, "Nothing was saved. Confirm that it is you, then send it again.")
    return HttpResponseRedirect(address)


def _confirmation_page(request: HttpRequest) -> str:
    ways = get_adapter().get_reauthentication_methods(request.user)
    return str(ways[0]["url"]) if ways else reverse("mfa_index")


def _page_of(request: HttpRequest) -> str:
    """The page to come back to: this one, or the one whose form or button was used."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        return request.get_full_path()
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return came_from
    return "/"
