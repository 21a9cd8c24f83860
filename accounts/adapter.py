"""How allauth behaves on a desk: nobody signs up, and second factors count."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import force_bytes

from accounts import resets
from accounts.models import User
from accounts.sessions import ENROLS_ANEW


class DeskAccountAdapter(DefaultAccountAdapter):
    """Nobody signs up to a desk: people are invited."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Keep out whoever has the password of an account that waits to be enrolled anew."""
        response = super().pre_login(request, user, **kwargs)
        if response is None and resets.keeps_out(user, request.session.get(ENROLS_ANEW)):
            clear_login(request)
            return render(request, "accounts/enrol_by_link.html", status=403)
        return response

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Where somebody has a second factor, the password alone confirms nothing."""
        ways = super().get_reauthentication_methods(user)
        return [way for way in ways if way["id"] != "reauthenticate"] or ways


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        Fernet(
            base64.urlsafe_b64encode(
                HKDF(algorithm=SHA256(), length=32, salt=None, info=b"holdfast mfa").derive(
                    force_bytes(key)
                )
            )
        )
        for key in keys
    )


class DeskMFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are encrypted, so that a copied database opens no account."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()

    def _get_site_name(self) -> str:
        return "Holdfast"
