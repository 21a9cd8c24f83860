"""An authenticator app, as somebody would carry it."""

import time

from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
)
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import User

TOTP_SECONDS = 30


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // TOTP_SECONDS))


def enrol(user: User) -> str:
    """Give somebody an authenticator app and return its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def type_code(client: Client, secret: str, page: str = "mfa_authenticate") -> None:
    cache.clear()  # a code counts once, and the tests are quicker than the clock
    client.post(reverse(page), {"code": code_for(secret)})
