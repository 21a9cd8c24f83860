"""What every answer of the reports' side has in common."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from intake.sessions import COOKIE_NAME, Visit
from intake.uploads import SealFiles

GetResponse = Callable[[HttpRequest], HttpResponse]


class ZoneRequest(HttpRequest):
    """A request to the reports' side. It has a session and no user."""

    visit: Visit


class LeaveNothingBehind:
    """No cache keeps an answer, errors and stylesheets included."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        for name in ("ETag", "Last-Modified", "Expires"):
            response.headers.pop(name, None)
        return response


class VisitMiddleware:
    """Read the reporter's session from the cookie, and store it again after the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone_request = cast(ZoneRequest, request)
        zone_request.visit = Visit.read(request.COOKIES.get(COOKIE_NAME, ""))
        response = self.get_response(request)
        cookie = zone_request.visit.store()
        if cookie:
            response.set_cookie(COOKIE_NAME, cookie, secure=True, httponly=True, samesite="Strict")
        elif COOKIE_NAME in request.COOKIES:
            # Not delete_cookie(): a browser takes a `__Host-` name only with `Secure`.
            response.set_cookie(
                COOKIE_NAME,
                "",
                max_age=0,
                secure=True,
                httponly=True,
                samesite="Strict",
            )
        return response


class KeepNoStrayFile:
    """Remove what arrived with a request that failed, was refused or was cut off."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            for handler in request.upload_handlers:
                if isinstance(handler, SealFiles):
                    handler.close()
