"""Refusals that no view caught become a page, and stand in the record."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal


def address_of(request: HttpRequest) -> str:
    """Return the name of the page that was asked for, such as `release_lease`."""
    match = request.resolver_match
    return match.view_name if match else ""


def note_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Record who was refused what. A visitor who is not signed in has nothing to be refused."""
    if isinstance(request.user, User):
        audit.record_refusal(actor=request.user, refusal=refusal, address=address_of(request))


class RefusalMiddleware:
    """Answer an uncaught `Refusal` with its status and its text.

    htmx gets the notice alone, to stand above what was typed; a browser gets a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        note_refusal(request, exception)
        return refusal_page(request, exception)


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Render a refusal, for views that caught one and noted it."""
    part = bool(request.headers.get("HX-Request"))
    template = "components/refused.html" if part else "accounts/refused.html"
    context = {"title": "This is refused", "text": str(refusal), "code": refusal.code}
    response = render(request, template, context, status=refusal.status)
    if part:
        response["HX-Retarget"] = "#notice"
        response["HX-Reswap"] = "innerHTML"
    return response
