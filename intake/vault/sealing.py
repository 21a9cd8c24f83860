"""Sealing who somebody is: a key of its own, kept only as shares of pairs of custodians.

For each pair of custodians one random half goes to the one, sealed with HPKE, and the half that
makes it the identity key to the other. Two custodians open an identity; one alone holds random
bytes, whichever of their pairs they look at.

This module imports no Django.
"""

import secrets
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from intake import envelopes
from intake.envelopes import LENGTH_BYTES, NotOpened, Place, TooLong

# Every identity is sealed at this size, the empty one of an anonymous report too.
IDENTITY_BYTES = 4096
LARGEST_IDENTITY_BYTES = IDENTITY_BYTES - 2 * LENGTH_BYTES


def seal_identity(identity_key: bytes, text: str, place: Place) -> bytes:
    """Seal who somebody is, or the empty text, at one size. Raises `TooLong`."""
    raw = text.encode()
    if len(raw) > LARGEST_IDENTITY_BYTES:
        raise TooLong(f"At most {LARGEST_IDENTITY_BYTES} bytes of an identity can be sealed.")
    framed = len(raw).to_bytes(LENGTH_BYTES, "big") + raw
    filled = framed.ljust(IDENTITY_BYTES - LENGTH_BYTES, b"\0")
    return envelopes.seal_bytes(identity_key, filled, place.binding())


def open_identity(identity_key: bytes, sealed: bytes, place: Place) -> str:
    """Return what `seal_identity` was given. Raises `NotOpened`."""
    filled = envelopes.open_bytes(identity_key, sealed, place.binding())
    length = int.from_bytes(filled[:LENGTH_BYTES], "big")
    return filled[LENGTH_BYTES : LENGTH_BYTES + length].decode()


def split(secret: bytes) -> tuple[bytes, bytes]:
    """Return a random half, and the half that makes it the secret again."""
    half = secrets.token_bytes(len(secret))
    return half, joined(half, secret)


def joined(*halves: bytes) -> bytes:
    """Lay halves over each other (XOR). Raises `NotOpened` where their lengths differ."""
    if len({len(half) for half in halves}) != 1:
        raise NotOpened
    return bytes(map(_xor, *halves))


def seal_share(share: bytes, public_key: bytes, *, place: Place, key: UUID, partner: UUID) -> bytes:
    """Seal one half for the custodian's key `key`, in its pair with `partner`."""
    return envelopes.seal_to(public_key, share, _share_binding(place, key, partner))


def open_share(
    sealed: bytes, private_key: bytes, *, place: Place, key: UUID, partner: UUID
) -> bytes:
    """Open one half with the custodian's private key. Raises `NotOpened`."""
    return envelopes.open_with(private_key, sealed, _share_binding(place, key, partner))


def words_key(words: str, request: UUID) -> bytes:
    """Return the key that the requester's words make for one request.

    The words are drawn like a receipt, so no slow hash is needed.
    """
    derivation = HKDF(
        algorithm=hashes.SHA256(),
        length=envelopes.KEY_BYTES,
        salt=request.bytes,
        info=b"holdfast|v1|requester",
    )
    return derivation.derive(words.encode())


def _xor(*values: int) -> int:
    laid = 0
    for value in values:
        laid ^= value
    return laid


def _share_binding(place: Place, key: UUID, partner: UUID) -> bytes:
    return place.binding() + f"|{key}|{partner}".encode()
