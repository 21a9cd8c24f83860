"""Open pages of a case as a person would, and read them as one."""

import re
from html import unescape

from django.test import Client
from django.urls import reverse

from accounts.models import User
from cases.models import Case

HTMX = {"HX-Request": "true"}


def address(case: Case) -> str:
    return reverse("cases:case", args=[case.pk])


def page(client: Client, user: User, case: Case) -> str:
    client.force_login(user)
    response = client.get(address(case))
    assert response.status_code == 200
    return response.content.decode()


def text_of(html: str) -> str:
    """The words of a page without its tags, with single spaces."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split()).replace(" ,", ",")
