"""Pages for what went wrong. They read nothing but the templates, and say what to do next."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "intake/errors/bad_request.html", status=400)


def not_from_here(
    request: HttpRequest, exception: Exception | None = None, reason: str = ""
) -> HttpResponse:
    """A form that was not sent from our own page, or with cookies switched off."""
    return render(request, "intake/errors/not_from_here.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "intake/errors/not_found.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "intake/errors/broken.html", status=500)
