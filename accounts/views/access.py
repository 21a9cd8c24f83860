"""Who gets past the door of a view."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.refusals import NotAllowed

Arguments = ParamSpec("Arguments")


class StaffRequest(HttpRequest):
    """A request by somebody who works here."""

    user: User
    htmx: HtmxDetails


def _to_sign_in(request: StaffRequest) -> HttpResponse:
    """Send a visitor to the sign-in page. A swap cannot go there: htmx is told the address."""
    if request.htmx:
        came_from = quote(request.htmx.current_url_abs_path or "/")
        response = HttpResponse(status=401)
        response["HX-Redirect"] = f"{resolve_url('account_login')}?next={came_from}"
        return response
    return redirect_to_login(request.get_full_path())


def signed_in(
    view: Callable[Concatenate[StaffRequest, Arguments], HttpResponseBase],
) -> Callable[Concatenate[StaffRequest, Arguments], HttpResponseBase]:
    """Let in whoever has signed in."""

    @wraps(view)
    def checked(
        request: StaffRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        return view(request, *args, **kwargs)

    return checked


def allowed(
    *permissions: str,
) -> Callable[
    [Callable[Concatenate[StaffRequest, Arguments], HttpResponseBase]],
    Callable[Concatenate[StaffRequest, Arguments], HttpResponseBase],
]:
    """Let in whoever has signed in and holds one of the permissions. Others get 403."""

    def decorate(
        view: Callable[Concatenate[StaffRequest, Arguments], HttpResponseBase],
    ) -> Callable[Concatenate[StaffRequest, Arguments], HttpResponseBase]:
        @wraps(view)
        def checked(
            request: StaffRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> HttpResponseBase:
            if not any(request.user.has_perm(permission) for permission in permissions):
                raise NotAllowed("Your roles do not open this page. An administrator grants roles.")
            return view(request, *args, **kwargs)

        return signed_in(checked)

    return decorate
