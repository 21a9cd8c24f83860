"""Files of keys. Public halves are read by the zone's user, private ones by the desk's alone."""

import json
import os
import secrets
from pathlib import Path

# The group is that of the directory, where it has the setgid bit: see docs/intake.md.
PUBLIC_MODE = 0o640
PRIVATE_MODE = 0o600


def write(path: Path, content: object, *, mode: int) -> None:
    """Write JSON, whole or not at all, with this mode whatever the process's umask is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_MODE)
    os.fchmod(descriptor, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
