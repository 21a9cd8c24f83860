"""Refusals become pages, no cache keeps a page, and nobody works without a second factor."""

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts import audit
from accounts.models import User
from accounts.refusals import Refusal
from accounts.sessions import ENROLS_ANEW
from accounts.step_up import has_second_factor


def address_of(request: HttpRequest) -> str:
    """Return the name of the page that was asked for, such as `release_lease`."""
    match = request.resolver_match
    return match.view_name if match else ""


def note_refusal(request: HttpRequest, refusal: Refusal) -> None:
    """Record who was refused what. A visitor who is not signed in has nothing to be refused."""
    if isinstance(request.user, User):
        audit.record_refusal(actor=request.user, refusal=refusal, address=address_of(request))


class NoStoreMiddleware:
    """Keep every page and every answer of the API out of every cache, the refused ones included.

    It stands behind WhiteNoise, which has answered for static files by then.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


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


class RefusedFormMiddleware:
    """Answer a form of allauth that comes back with errors with 422, as our own pages do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: TemplateResponse
    ) -> TemplateResponse:
        form = (getattr(response, "context_data", None) or {}).get("form")
        if request.method == "POST" and form is not None and form.errors:
            response.status_code = 422
        return response


class SecondFactorMiddleware:
    """Lead whoever has no second factor to the page where they enrol one, and nowhere else.

    `HOLDFAST_REQUIRE_SECOND_FACTOR` switches it off for the demo and the tests, except for
    whoever comes by the link of a reset.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        is_asked = settings.HOLDFAST_REQUIRE_SECOND_FACTOR or ENROLS_ANEW in request.session
        if is_asked and self._must_enrol(request):
            enrolment = reverse("mfa_index")
            if request.headers.get("HX-Request"):
                return HttpResponse(status=403, headers={"HX-Redirect": enrolment})
            messages.warning(request, "Add a passkey or an authenticator app before you go on.")
            return redirect(enrolment)
        return self.get_response(request)

    def _must_enrol(self, request: HttpRequest) -> bool:
        user = request.user
        if not isinstance(user, User) or self._is_open(request.path_info):
            return False
        # A session that has shown a second factor needs no query to prove that there is one.
        shown = {record["method"] for record in get_authentication_records(request, user)}
        return "mfa" not in shown and not has_second_factor(user)

    def _is_open(self, path: str) -> bool:
        pages = ("account_logout", "account_reauthenticate")
        return path in {reverse(page) for page in pages} or path.startswith(reverse("mfa_index"))
