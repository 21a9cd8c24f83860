"""What every page of the reports' side shows around its question."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url

from intake import promises


def page(request: HttpRequest) -> dict[str, Any]:
    """Give templates the promises, the limits and the same page in the other languages."""
    return {
        "promises": promises.promises,
        "limits": promises.limits,
        "languages_of_page": [
            (code, name, translate_url(request.path, code)) for code, name in settings.LANGUAGES
        ],
    }
