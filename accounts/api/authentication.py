"""Tokens as a way into the API."""

from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from accounts import tokens
from accounts.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer hf_...`. The person acts with the scopes of the token alone."""

    keyword = "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != self.keyword.lower().encode():
            return None
        if len(words) != 2:
            raise exceptions.AuthenticationFailed("Write the header as: Bearer TOKEN.")
        try:
            token = tokens.authenticate(words[1].decode("ascii"))
        except UnicodeDecodeError:
            token = None
        if token is None:
            raise exceptions.AuthenticationFailed(
                "This token is unknown, has expired, or was revoked."
            )
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return self.keyword
