"""The media directory: sealed files under random names, and nothing else.

The zone writes what arrives, the worker writes clean copies, and both remove. A file counts
only while a row names it (`sweep`). Its time is that of its day, at midnight UTC. What the
file system keeps besides (the time of the last change of the inode, the order of names in a
directory) is a limit that docs/threat-model.md states.
"""

import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from intake.attachments.streams import HEADER_BYTES

NAME_BYTES = 16
# The zone and the worker are two users of one group. Nobody else reads even ciphertext.
FILE_MODE = 0o660
# A file that nothing names may be one that is arriving. Over Tor that takes minutes, and each
# chunk that is written makes it young again.
ARRIVING_SECONDS = 15 * 60


class Unfinished:
    """A file that is being written. It goes unless it is kept."""

    def __init__(self) -> None:
        directory().mkdir(mode=0o700, parents=True, exist_ok=True)
        self.name = secrets.token_hex(NAME_BYTES)
        self._is_kept = False
        descriptor = os.open(_path(self.name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.fchmod(descriptor, FILE_MODE)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, sealed: bytes) -> None:
        self._file.write(sealed)

    def complete(self) -> None:
        """Bring what was written to the disk and round its time to the day."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        os.utime(_path(self.name), (midnight.timestamp(), midnight.timestamp()))

    def keep(self) -> None:
        """Leave the file: a row names it now."""
        self._is_kept = True

    def close(self) -> None:
        """End the writing, and remove the file unless it is kept."""
        if not self._file.closed:
            self._file.close()
        if not self._is_kept:
            destroy([self.name])


def directory() -> Path:
    """Where the files lie."""
    return Path(settings.INTAKE_MEDIA)


def opened(name: str) -> BinaryIO:
    """Open a sealed file to read. Raises `FileNotFoundError`."""
    return _path(name).open("rb")


def destroy(names: Iterable[str]) -> None:
    """Remove files, after overwriting what their streams cannot be opened without.

    Overwriting reaches the disk's own copy only: see the backup rules in docs/intake.md.
    """
    for name in filter(None, names):
        # Its reporter, the worker and the sweep may all remove a file.
        with suppress(FileNotFoundError):
            with _path(name).open("r+b") as file:
                file.write(secrets.token_bytes(HEADER_BYTES))
                file.flush()
                os.fsync(file.fileno())
            _path(name).unlink()


def sweep(named: set[str]) -> int:
    """Remove what no row names and nobody is writing any more. Return how many files went."""
    if not directory().is_dir():
        return 0
    left = [
        path.name
        for path in directory().iterdir()
        if path.name not in named and not _is_arriving(path)
    ]
    destroy(left)
    return len(left)


def _is_arriving(path: Path) -> bool:
    try:
        # The change time: the other one is rounded to the day.
        return path.stat().st_ctime >= time.time() - ARRIVING_SECONDS
    except FileNotFoundError:
        # Somebody else removed it just now: there is nothing left to do.
        return True


def _path(name: str) -> Path:
    return directory() / name
