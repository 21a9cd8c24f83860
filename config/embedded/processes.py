"""Which process is which: pid files outlive their processes, and the kernel reuses pids."""

import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.state import EmbeddedServiceError


@dataclass(frozen=True)
class Account:
    """The system user a server runs as. None means the user we are."""

    uid: int | None = None
    gid: int | None = None

    @property
    def popen_arguments(self) -> dict[str, Any]:
        """Arguments for subprocess: the user, and a directory that every user may enter."""
        if self.uid is None:
            return {"cwd": "/"}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}

    def own(self, directory: Path) -> None:
        """Give one directory to this account, closed to everyone else."""
        if self.uid is not None and self.gid is not None:
            try:
                os.chown(directory, self.uid, self.gid, follow_symlinks=False)
            except OSError as error:
                raise EmbeddedServiceError(
                    f"{directory} cannot be given to user id {self.uid}: {error.strerror}. "
                    f"PostgreSQL refuses to run as root. Run as an ordinary user, "
                    f"or set DATABASE_URL to a PostgreSQL of yours."
                ) from error
        directory.chmod(0o700)


def postgres_account() -> Account:
    """PostgreSQL refuses to run as root, so there it runs as `nobody`."""
    if os.geteuid() != 0:
        return Account()
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EmbeddedServiceError(
            "PostgreSQL refuses to run as root, and this system has no user `nobody` to run it. "
            "Run as an ordinary user, or set DATABASE_URL to a PostgreSQL of yours."
        ) from None
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def runs(pid: int, *, program: str, mark: str) -> bool:
    """Tell whether `pid` is a living `program` with `mark` in its command line.

    A dead process that was never reaped has no command line, and so counts as gone.
    """
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
        # macOS has no /proc.
        command = subprocess.run(
            ["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout
    except (ProcessLookupError, PermissionError):
        return False
    words = command.split()
    if not words:
        return False
    return program in os.path.basename(os.fsdecode(words[0])) and os.fsencode(mark) in command


def listens(path: Path) -> bool:
    """Tell whether a process accepts connections on the socket at `path`."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(os.fspath(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except (TimeoutError, BlockingIOError):
            # A full queue of waiting clients is a busy server, not a missing one.
            return True
        except PermissionError:
            return False
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for a condition. Returns whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def end(pid: int, number: signal.Signals, *, gone: Callable[[], bool], seconds: float) -> bool:
    """Send a signal and wait for the process to be gone. Returns whether it is."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return True
    return wait_until(gone, seconds=seconds)
