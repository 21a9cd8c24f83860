"""Who gets past the door of a view: signed in, and only to what is visible to them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import quote

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from cases.models import Case

Arguments = ParamSpec("Arguments")


class StaffRequest(HttpRequest):
    """A request by somebody who works here."""

    user: User
    htmx: HtmxDetails


def signed_in(
    view: Callable[Concatenate[StaffRequest, Arguments], HttpResponse],
) -> Callable[Concatenate[StaffRequest, Arguments], HttpResponse]:
    """Send a visitor to the sign-in page. A swap cannot go there, so htmx is told the address.

    No page that was open to a person stays in a browser's cache.
    """

    @wraps(view)
    def checked(
        request: StaffRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> HttpResponse:
        if request.user.is_authenticated:
            response = view(request, *args, **kwargs)
            response.headers.setdefault("Cache-Control", "no-store")
            return response
        if request.htmx:
            came_from = quote(request.htmx.current_url_abs_path or "/")
            response = HttpResponse(status=401)
            response["HX-Redirect"] = f"{resolve_url('account_login')}?next={came_from}"
            return response
        return redirect_to_login(request.get_full_path())

    return checked


def get_case_or_404(user: User, number: int) -> Case:
    """Return the case if this person may know of it. A hidden one is not there."""
    case = (
        Case.objects.visible_to(user)
        .select_related("lease_holder", "assignee")
        .filter(pk=number)
        .first()
    )
    if case is None:
        raise Http404("There is no such case, or it is not open to you.")
    return case
