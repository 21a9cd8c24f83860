"""Credentials are kept outside the database and named by a reference."""

from __future__ import annotations

import os
from pathlib import Path

from platforms.connectors.base import ConnectorUnavailable


class SecretMissing(ConnectorUnavailable):
    """A token reference that leads to nothing. The text names the reference, never a value."""


def read_secret(reference: str) -> str:
    """Return the secret behind `env:NAME` or `file:PATH`, without white space around it.

    Raise SecretMissing, which counts as an unavailable platform: putting the secret in
    place is enough to go on.
    """
    kind, _, name = reference.partition(":")
    if kind == "env" and name:
        value = os.environ.get(name, "")
    elif kind == "file" and name:
        try:
            value = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SecretMissing(f"The token file {name} cannot be read.") from error
    else:
        raise SecretMissing(f"A token reference is env:NAME or file:PATH, not {reference!r}.")
    if not value.strip():
        raise SecretMissing(f"There is no token in {name}.")
    return value.strip()
