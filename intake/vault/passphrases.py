"""A custodian's private key, locked with a passphrase that is stored nowhere.

Argon2id turns the passphrase into the key of the lock. Its cost is kept with each lock, so that
it can be raised for later ones. This module imports no Django.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID

from argon2.low_level import Type, hash_secret_raw

from intake import envelopes
from intake.envelopes import KEY_BYTES

# The second recommended option of RFC 9106, section 4.
MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 4
SALT_BYTES = 16
LEAST_CHARACTERS = 16


@dataclass(frozen=True, slots=True, repr=False)
class Lock:
    """A locked private key, with all but the passphrase that opens it."""

    locked: bytes
    salt: bytes
    memory_kib: int
    passes: int


def lock(private_key: bytes, passphrase: str, *, key: UUID) -> Lock:
    """Lock a private key. `key` is its name, and bound to the lock."""
    salt, memory_kib, passes = secrets.token_bytes(SALT_BYTES), MEMORY_KIB, PASSES
    derived = _derived(passphrase, salt, memory_kib, passes)
    return Lock(envelopes.seal_bytes(derived, private_key, _binding(key)), salt, memory_kib, passes)


def unlock(lock: Lock, passphrase: str, *, key: UUID) -> bytes:
    """Return the private key. Raises `NotOpened` for another passphrase or a moved lock."""
    derived = _derived(passphrase, lock.salt, lock.memory_kib, lock.passes)
    return envelopes.open_bytes(derived, lock.locked, _binding(key))


def _derived(passphrase: str, salt: bytes, memory_kib: int, passes: int) -> bytes:
    return hash_secret_raw(
        passphrase.encode(),
        salt,
        time_cost=passes,
        memory_cost=memory_kib,
        parallelism=LANES,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _binding(key: UUID) -> bytes:
    return f"v1|intake_custodiankey|locked_private|{key}".encode()
