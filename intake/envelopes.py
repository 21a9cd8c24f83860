"""Sealing: what is stored of a report, and who can open it.

Each report has a key of its own. A field is sealed under it with AES-256-GCM, bound to the
place where it lies, so that a ciphertext moved to another row, column, report or position does
not open. The key itself is stored only wrapped: once for the desk with HPKE (RFC 9180, the
hybrid of ML-KEM-768 and X25519), once for the reporter under a key derived from the receipt.

This module imports no Django. Lengths are padded, so that a size tells little.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

KEY_BYTES = 32
NONCE_BYTES = 12
LENGTH_BYTES = 4
# Powers of four: seven sizes from 256 bytes to 1 MiB.
PADDED_SIZES = tuple(4**power for power in range(4, 11))
LARGEST_TEXT_BYTES = PADDED_SIZES[-1] - LENGTH_BYTES

MLKEM_SEED_BYTES = 64
MLKEM_PUBLIC_BYTES = 1184
X25519_BYTES = 32

_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class NotOpened(Exception):
    """A sealed value that does not open here: the wrong key, or it was changed or moved."""


class TooLong(Exception):
    """A text of more bytes than the largest padded size holds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value lies. Two values never share a place."""

    table: str
    column: str
    report: UUID
    row: UUID
    position: int = 0

    def binding(self) -> bytes:
        return f"v1|{self.table}|{self.column}|{self.report}|{self.row}|{self.position}".encode()


def new_key() -> bytes:
    """Return a random key of 256 bits."""
    return secrets.token_bytes(KEY_BYTES)


def pad(data: bytes) -> bytes:
    """Bring data to the next padded size, with its length in front.

    Raises `TooLong` above `LARGEST_TEXT_BYTES`.
    """
    framed = len(data).to_bytes(LENGTH_BYTES, "big") + data
    for size in PADDED_SIZES:
        if len(framed) <= size:
            return framed.ljust(size, b"\0")
    raise TooLong(f"At most {LARGEST_TEXT_BYTES} bytes can be sealed.")


def unpad(padded: bytes) -> bytes:
    """Return what `pad` was given. Raises `NotOpened` for anything it did not make."""
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    data = padded[LENGTH_BYTES : LENGTH_BYTES + length]
    if len(padded) not in PADDED_SIZES or pad(data) != padded:
        raise NotOpened
    return data


def seal_bytes(key: bytes, data: bytes, binding: bytes) -> bytes:
    """Seal data under a key, bound to `binding`. The nonce is random and stands in front."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, pad(data), binding)


def open_bytes(key: bytes, sealed: bytes, binding: bytes) -> bytes:
    """Open what `seal_bytes` made. Raises `NotOpened`."""
    nonce, box = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return unpad(AESGCM(key).decrypt(nonce, box, binding))
    except (InvalidTag, ValueError) as error:
        raise NotOpened from error


def seal(report_key: bytes, text: str, place: Place) -> bytes:
    """Seal one field of a report."""
    return seal_bytes(report_key, text.encode(), place.binding())


def unseal(report_key: bytes, sealed: bytes, place: Place) -> str:
    """Open one field of a report. Raises `NotOpened`."""
    return open_bytes(report_key, sealed, place.binding()).decode()


def seal_to(public_key: bytes, data: bytes, binding: bytes) -> bytes:
    """Seal data with HPKE for who holds the private half, bound to `binding`."""
    # HPKE's one-shot call takes no associated data, so what is bound stands in `info`.
    return _SUITE.encrypt(data, _public_key(public_key), info=binding)


def open_with(private_key: bytes, sealed: bytes, binding: bytes) -> bytes:
    """Open what `seal_to` made. Raises `NotOpened`."""
    try:
        return _SUITE.decrypt(sealed, _private_key(private_key), info=binding)
    except (InvalidTag, ValueError) as error:
        raise NotOpened from error


def wrap_for_desk(report_key: bytes, public_key: bytes, kid: str, place: Place) -> bytes:
    """Wrap a report key so that only the private half of the epoch `kid` opens it."""
    return seal_to(public_key, report_key, _wrap_binding(kid, place))


def unwrap_for_desk(wrapped: bytes, private_key: bytes, kid: str, place: Place) -> bytes:
    """Return the report key. Raises `NotOpened`."""
    return open_with(private_key, wrapped, _wrap_binding(kid, place))


def wrap_for_reporter(report_key: bytes, reporter_key: bytes, kid: str, place: Place) -> bytes:
    """Wrap a report key so that only the receipt, with the pepper of `kid`, opens it."""
    return seal_bytes(reporter_key, report_key, _wrap_binding(kid, place))


def unwrap_for_reporter(wrapped: bytes, reporter_key: bytes, kid: str, place: Place) -> bytes:
    """Return the report key. Raises `NotOpened`."""
    return open_bytes(reporter_key, wrapped, _wrap_binding(kid, place))


def new_key_pair() -> tuple[bytes, bytes]:
    """Return a private and a public key, as bytes that can be kept in a file."""
    lattice = mlkem.MLKEM768PrivateKey.generate()
    curve = x25519.X25519PrivateKey.generate()
    private = lattice.private_bytes_raw() + curve.private_bytes_raw()
    public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
    return private, public


def _private_key(raw: bytes) -> MLKEM768X25519PrivateKey:
    return MLKEM768X25519PrivateKey(
        mlkem.MLKEM768PrivateKey.from_seed_bytes(raw[:MLKEM_SEED_BYTES]),
        x25519.X25519PrivateKey.from_private_bytes(raw[MLKEM_SEED_BYTES:]),
    )


def _public_key(raw: bytes) -> MLKEM768X25519PublicKey:
    return MLKEM768X25519PublicKey(
        mlkem.MLKEM768PublicKey.from_public_bytes(raw[:MLKEM_PUBLIC_BYTES]),
        x25519.X25519PublicKey.from_public_bytes(raw[MLKEM_PUBLIC_BYTES:]),
    )


def _wrap_binding(kid: str, place: Place) -> bytes:
    return place.binding() + b"|" + kid.encode()
