"""Links that let one person in: random, signed, and kept as a hash alone."""

import hashlib
import secrets

from django.core import signing


def make(purpose: str) -> tuple[str, str]:
    """Return a token of 256 random bits, signed for one purpose, and the SHA-256 to keep."""
    token = signing.Signer(salt=purpose).sign(secrets.token_urlsafe(32))
    return token, _sha256(token)


def digest_of(token: str, purpose: str) -> str:
    """Return what was kept of a token. Raises `BadSignature` for one that is not whole."""
    signing.Signer(salt=purpose).unsign(token)
    return _sha256(token)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
