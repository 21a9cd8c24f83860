"""Where the embedded services keep their files, and the lock under which they start."""

import fcntl
import hashlib
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

STATE_VARIABLE = "HOLDFAST_STATE_DIR"
SOCKET_VARIABLE = "HOLDFAST_SOCKET_DIR"

# The number is only a name here: PostgreSQL calls its socket after it, and no port is opened.
POSTGRES_PORT = 5432

# unix(7): sun_path holds 108 bytes on Linux and 104 on the BSDs and macOS, with a final NUL.
SOCKET_PATH_LIMIT_BYTES = 107 if sys.platform == "linux" else 103

# Long enough for a first start and for crash recovery in the process that holds the lock.
LOCK_PATIENCE_SECONDS = 180.0

LOG_TAIL_LINES = 12


class EmbeddedServiceError(Exception):
    """An embedded service cannot be started or stopped. The text says why and what to do."""


@dataclass(frozen=True)
class Places:
    """Every path of one pair of servers.

    `state` holds what must last. `sockets` is elsewhere because a socket's path must be short.
    """

    state: Path
    sockets: Path

    @property
    def postgres_home(self) -> Path:
        """A symbolic link when `nobody` cannot reach the state directory (see postgres.py)."""
        return self.state / "postgres"

    @property
    def postgres_sockets(self) -> Path:
        return self.sockets / "pg"

    @property
    def postgres_socket(self) -> Path:
        return self.postgres_sockets / f".s.PGSQL.{POSTGRES_PORT}"

    @property
    def postgres_socket_lock(self) -> Path:
        return self.postgres_socket.with_name(f"{self.postgres_socket.name}.lock")

    @property
    def redis_home(self) -> Path:
        return self.state / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def locate() -> Places:
    """Work out the paths from the environment. Nothing is created.

    Raises EmbeddedServiceError when the socket directory is too long for a socket.
    """
    repository = Path(__file__).resolve().parents[2]
    given_state = os.environ.get(STATE_VARIABLE)
    state = Path(given_state).expanduser() if given_state else repository / ".holdfast"
    state = state.resolve()
    given_sockets = os.environ.get(SOCKET_VARIABLE)
    if given_sockets:
        sockets = Path(given_sockets).expanduser().resolve()
    else:
        name = hashlib.sha256(os.fsencode(state)).hexdigest()[:8]
        # Not tempfile.gettempdir(): two shells with different TMPDIR must meet one server.
        # S108: prepare() checks the owner and sets the mode.
        sockets = Path(f"/tmp/holdfast-{os.geteuid()}-{name}")  # noqa: S108  see above
    places = Places(state=state, sockets=sockets)
    length = len(os.fsencode(places.postgres_socket))
    if length > SOCKET_PATH_LIMIT_BYTES:
        raise EmbeddedServiceError(
            f"The socket path {places.postgres_socket} is {length} bytes long, and this system "
            f"allows {SOCKET_PATH_LIMIT_BYTES}. Set {SOCKET_VARIABLE} to a shorter directory, "
            f"or leave it unset to use one under /tmp."
        )
    return places


def make_directory(path: Path, *, mode: int) -> None:
    """Create a directory with exactly this mode, whatever the umask. An existing one stays."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
        path.chmod(mode)


def prepare(places: Places) -> None:
    """Create the state and socket directories, and refuse any that another user controls."""
    # As root, PostgreSQL runs as `nobody` and has to pass through both directories.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    for directory, variable in ((places.state, STATE_VARIABLE), (places.sockets, SOCKET_VARIABLE)):
        try:
            make_directory(directory, mode=mode)
            found = directory.lstat()
        except OSError as error:
            raise EmbeddedServiceError(
                f"The directory {directory} cannot be created: {error.strerror}. "
                f"Set {variable} to a directory you may write to."
            ) from error
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise EmbeddedServiceError(
                f"{directory} does not belong to you (it belongs to user id {found.st_uid}). "
                f"Run as that user, or set {variable} to a directory of your own."
            )
    # The servers trust whoever reaches their sockets, so nobody else may.
    places.sockets.chmod(mode)


def remove_sockets(places: Places) -> None:
    """Remove what stopped or killed servers leave in the socket directory, and it when empty."""
    for path in (places.redis_socket, places.postgres_socket, places.postgres_socket_lock):
        path.unlink(missing_ok=True)
    for directory in (places.postgres_sockets, places.sockets):
        if directory.exists() and not any(directory.iterdir()):
            directory.rmdir()


@contextmanager
def exclusive(places: Places) -> Iterator[None]:
    """Hold the lock of this state directory, so that two processes never start two servers."""
    prepare(places)
    path = places.state / "lock"
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    with path.open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise EmbeddedServiceError(
                        f"Another process has held {path} for {LOCK_PATIENCE_SECONDS:.0f} seconds "
                        f"while starting or stopping the services. End that process and try again."
                    ) from None
                time.sleep(0.02)
        yield


def log_tail(log: Path) -> str:
    """Return the last lines of a server's log, or a line that says there are none."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError as error:
        return f"({log} cannot be read: {error.strerror}.)"
    if not lines:
        return f"({log} is empty.)"
    return f"The last lines of {log}:\n" + "\n".join(lines[-LOG_TAIL_LINES:])
