"""One shape for every error of the API."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from accounts.middleware import note_refusal
from accounts.refusals import Refusal

PROBLEM_JSON = "application/problem+json"


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every error as `application/problem+json`: `code`, `detail`, and `errors` by field.

    A refusal is noted in the record first, and adds its own facts, such as the holds that
    stand. The shape follows RFC 9457; `code` says which problem it is.
    """
    if isinstance(exc, Refusal):
        note_refusal(_django_request(context["request"]), exc)
        return _problem(status_code=exc.status, code=exc.code, detail=str(exc), more=exc.facts())
    if isinstance(exc, RequestDataTooBig):
        return _problem(
            status_code=status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
            code="body_too_large",
            detail=f"Send at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE:,} bytes at once.",
        )
    answer = drf_exception_handler(exc, context)
    if answer is None:
        return None
    if isinstance(exc, exceptions.ValidationError):
        problem = _problem(
            status_code=answer.status_code,
            code="invalid",
            detail="Some fields need another value.",
            more={"errors": answer.data},
        )
    elif isinstance(exc, exceptions.APIException):
        problem = _problem(
            status_code=answer.status_code, code=str(exc.get_codes()), detail=str(exc.detail)
        )
    else:
        known = {
            status.HTTP_404_NOT_FOUND: ("not_found", "There is nothing at this address."),
            status.HTTP_403_FORBIDDEN: ("permission_denied", "You may not do this."),
        }
        code, detail = known[answer.status_code]
        problem = _problem(status_code=answer.status_code, code=code, detail=detail)
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in answer:
            problem[name] = answer[name]
    return problem


def _django_request(request: Request) -> HttpRequest:
    """Return Django's request, carrying the person whom DRF found by their token."""
    plain: HttpRequest = request._request
    plain.user = request.user
    return plain


def _problem(
    *, status_code: int, code: str, detail: str, more: dict[str, Any] | None = None
) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status_code).phrase,
        "status": status_code,
        "code": code,
        "detail": detail,
        **(more or {}),
    }
    return Response(body, status=status_code, content_type=PROBLEM_JSON)
