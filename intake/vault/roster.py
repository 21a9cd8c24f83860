"""The custodians' public keys, in a file beside the epochs' public halves.

The reports' side reads it to seal who somebody is. It lists one key for each person, so that no
pair is ever one person twice. Without three custodians it is empty, and nobody is asked who they
are. This module imports no Django.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from intake import key_files

LEAST_CUSTODIANS = 3
# Not `*.json`: those are the epochs.
FILE_NAME = "custodians.roster"


class NoCustodians(Exception):
    """Fewer than three custodians have keys: nothing can be sealed for two of them."""


@dataclass(frozen=True, slots=True)
class Custodian:
    """One custodian as the reports' side knows them: the name of a key, and the key."""

    key: UUID
    public_key: bytes

    @property
    def fingerprint(self) -> str:
        """What two people compare: five groups of four letters of the key's SHA-256."""
        digest = hashlib.sha256(self.public_key).hexdigest()[:20]
        return " ".join(digest[start : start + 4] for start in range(0, 20, 4))


def published(directory: Path) -> list[Custodian]:
    """Return the custodians that can be sealed for now. Empty where there are fewer than three."""
    try:
        written = json.loads((directory / FILE_NAME).read_text("utf-8"))
    except FileNotFoundError:
        return []
    custodians = [
        Custodian(UUID(entry["key"]), base64.b64decode(entry["public_key"])) for entry in written
    ]
    return custodians if len(custodians) >= LEAST_CUSTODIANS else []


def publish(directory: Path, custodians: list[Custodian]) -> None:
    """Write the file anew, whole or not at all."""
    entries = [
        {"key": str(one.key), "public_key": base64.b64encode(one.public_key).decode("ascii")}
        for one in sorted(custodians, key=lambda one: one.key)
    ]
    key_files.write(directory / FILE_NAME, entries, mode=key_files.PUBLIC_MODE)
