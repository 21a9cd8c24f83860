"""A browser that goes to the provider and comes back."""

import html
import re

import requests
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User

LOGIN = reverse("account_login")
BEGIN = reverse("account_sso")
CALLBACK = reverse("account_sso_callback")


def leave(client: Client, **sent: str) -> str:
    """Begin, and return the address at the provider that the browser goes to."""
    page = client.post(BEGIN, sent).content.decode()
    found = re.search(r'content="0; url=([^"]+)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def come_back(client: Client, there: str) -> HttpResponse:
    """Sign in at the provider, and follow it back to the desk."""
    answer = requests.get(there, allow_redirects=False, timeout=5)
    return client.get(answer.headers["Location"])


def single_sign_on(client: Client, **sent: str) -> HttpResponse:
    return come_back(client, leave(client, **sent))


def is_signed_in(client: Client, user: User | None = None) -> bool:
    found = client.session.get("_auth_user_id")
    return found is not None and (user is None or found == str(user.pk))


def refused(answer: HttpResponse, status: int, text: str) -> None:
    assert answer.status_code == status
    assert text in html.unescape(answer.content.decode())
    assert "_auth_user_id" not in answer.client.session  # type: ignore[attr-defined]
