"""Files at rest: libsodium's secretstream in chunks, padded, under a key of the file's own.

The key of a file is derived from its report's key and from the place the file belongs to, so a
ciphertext that is moved to another file or report does not open. A stream that is cut, or
whose chunks are dropped or put in another order, does not open either. Lengths are padded to
powers of two (ISO/IEC 7816-4 inside of the stream), so a size tells little.

https://doc.libsodium.org/secret-key_cryptography/secretstream
This module imports no Django.
"""

from collections.abc import Callable, Iterator

import nacl.bindings as sodium
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError

from intake.envelopes import NotOpened, Place

CHUNK_BYTES = 64 * 1024
HEADER_BYTES = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
TAG_BYTES = sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_MESSAGE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL
PADDING_BEGINS = b"\x80"


def file_key(report_key: bytes, place: Place) -> bytes:
    """Derive the key of one file from its report's key and its place."""
    derivation = HKDF(
        algorithm=hashes.SHA256(),
        length=sodium.crypto_secretstream_xchacha20poly1305_KEYBYTES,
        salt=None,
        info=b"holdfast|v1|file|" + place.binding(),
    )
    return derivation.derive(report_key)


class Sealer:
    """Seal a file as it arrives. Nothing but ciphertext reaches `write`."""

    def __init__(self, key: bytes, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        self._pending = bytearray()
        self._chunks = 0
        write(sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key))

    def add(self, data: bytes) -> None:
        """Take the next bytes of the file, of any length."""
        self._pending += data
        # One chunk is held back: the padding begins in the last one.
        while len(self._pending) > CHUNK_BYTES:
            self._push(bytes(self._pending[:CHUNK_BYTES]))
            del self._pending[:CHUNK_BYTES]

    def finish(self) -> None:
        """Pad to the next power of two and end the stream."""
        self.add(PADDING_BEGINS)
        self._push(bytes(self._pending).ljust(CHUNK_BYTES, b"\0"))
        while self._chunks & (self._chunks - 1):
            self._push(bytes(CHUNK_BYTES))
        self._push(b"", _FINAL)

    def _push(self, chunk: bytes, tag: int = _MESSAGE) -> None:
        self._chunks += 1
        self._write(
            sodium.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, None, tag)
        )


def seal_whole(key: bytes, data: bytes, write: Callable[[bytes], object]) -> None:
    """Seal a file that is in memory."""
    sealer = Sealer(key, write)
    sealer.add(data)
    sealer.finish()


def open_whole(key: bytes, read: Callable[[int], bytes]) -> bytes:
    """Open a file into memory. Raises `NotOpened` where a byte of it was changed or is gone."""
    return _without_padding(b"".join(_chunks(key, read)))


def _chunks(key: bytes, read: Callable[[int], bytes]) -> Iterator[bytes]:
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    try:
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, read(HEADER_BYTES), key)
        while True:
            sealed = read(CHUNK_BYTES + TAG_BYTES)
            chunk, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, None)
            yield chunk
            if tag == _FINAL:
                break
    except (CryptoError, ValueError) as error:
        raise NotOpened from error
    if read(1):
        raise NotOpened


def _without_padding(padded: bytes) -> bytes:
    data = padded.rstrip(b"\0")
    if not data.endswith(PADDING_BEGINS):
        raise NotOpened
    return data[: -len(PADDING_BEGINS)]
