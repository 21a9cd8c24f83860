"""Key epochs: a key pair and a pepper for each month, kept in files outside the database.

The public half and the pepper lie where the intake process reads them. The private half lies
in a directory that only the desk can enter. Destroying both ends what the epoch protected, in
every backup of the database too. An epoch is named by its `kid`.
"""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake import envelopes, key_files

PEPPER_BYTES = 32
# Epochs for reports under legal hold lie in directories of their own: nothing new is sealed for
# one, so the reports' side never finds it.
HOLDS = "holds"
HOLD_PREFIX = "hold-"


class NoEpoch(Exception):
    """An epoch whose keys are not here: never made, or destroyed."""


@dataclass(frozen=True, slots=True, repr=False)
class PublicEpoch:
    """What the intake process knows of an epoch: how to seal for it, and its pepper."""

    kid: str
    begun_on: date
    public_key: bytes
    pepper: bytes


def make_epoch(
    *,
    number: int,
    begun_on: date,
    public_directory: Path,
    private_directory: Path,
    is_for_holds: bool = False,
) -> PublicEpoch:
    """Draw a key pair and a pepper, and write each where it belongs.

    `number` counts epochs up, so that names sort by age. The private half is written first: an
    epoch that can be sealed for can always be opened.
    """
    private, public = envelopes.new_key_pair()
    prefix = HOLD_PREFIX if is_for_holds else ""
    kid = f"{prefix}{number:04d}-{begun_on:%Y-%m}-{secrets.token_hex(4)}"
    epoch = PublicEpoch(kid, begun_on, public, secrets.token_bytes(PEPPER_BYTES))
    key_files.write(
        _path(private_directory, kid),
        {"kid": kid, "private_key": _text(private)},
        mode=key_files.PRIVATE_MODE,
    )
    key_files.write(
        _path(public_directory, kid),
        {
            "kid": kid,
            "begun_on": begun_on.isoformat(),
            "public_key": _text(public),
            "pepper": _text(epoch.pepper),
        },
        mode=key_files.PUBLIC_MODE,
    )
    return epoch


def public_epochs(directory: Path) -> list[PublicEpoch]:
    """Return the epochs that can be sealed for, newest first."""
    found = [_public(json.loads(path.read_text("utf-8"))) for path in directory.glob("*.json")]
    return sorted(found, key=lambda epoch: epoch.kid, reverse=True)


def current_epoch(directory: Path) -> PublicEpoch:
    """Return the newest epoch. Raises `NoEpoch` before the first one was made."""
    epochs = public_epochs(directory)
    if not epochs:
        raise NoEpoch("There are no keys yet. Run `manage.py intake_keys init`.")
    return epochs[0]


def public_epoch(directory: Path, kid: str) -> PublicEpoch:
    """Return one epoch by name. Raises `NoEpoch`."""
    for epoch in public_epochs(_home(directory, kid)):
        if epoch.kid == kid:
            return epoch
    raise NoEpoch(f"The keys of {kid} are not here.")


def private_key(directory: Path, kid: str) -> bytes:
    """Return the private half of an epoch. Raises `NoEpoch`."""
    try:
        written = json.loads(_path(directory, kid).read_text("utf-8"))
    except FileNotFoundError as error:
        raise NoEpoch(f"The private key of {kid} is not here.") from error
    return _bytes(written["private_key"])


def destroy_epoch(kid: str, *, public_directory: Path, private_directory: Path) -> None:
    """Overwrite and remove the private half and the pepper. Nothing brings them back.

    Overwriting reaches the disk's own copy only: see the backup rules in docs/intake.md.
    """
    for directory in (private_directory, public_directory):
        path = _path(directory, kid)
        if not path.exists():
            continue
        with path.open("r+b") as file:
            size = path.stat().st_size
            file.write(secrets.token_bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _public(written: dict[str, str]) -> PublicEpoch:
    return PublicEpoch(
        kid=written["kid"],
        begun_on=date.fromisoformat(written["begun_on"]),
        public_key=_bytes(written["public_key"]),
        pepper=_bytes(written["pepper"]),
    )


def _home(directory: Path, kid: str) -> Path:
    return directory / HOLDS if kid.startswith(HOLD_PREFIX) else directory


def _path(directory: Path, kid: str) -> Path:
    return _home(directory, kid) / f"{kid}.json"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text)
