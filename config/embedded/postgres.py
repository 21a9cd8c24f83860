"""The embedded PostgreSQL: one cluster, made once, on a socket that only its user can reach."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.embedded import processes
from config.embedded.processes import Account
from config.embedded.programs import CLEAN_ENVIRONMENT, PostgresPrograms, postgres_programs
from config.embedded.state import (
    POSTGRES_PORT,
    EmbeddedServiceError,
    Places,
    log_tail,
    make_directory,
)

# Where data goes when the state directory lies below one that `nobody` may not enter.
REACHABLE_HOME = Path("/var/lib/holdfast")

# Crash recovery of a large cluster is part of a start.
START_SECONDS = 120
STOP_SECONDS = 60.0
ORPHAN_SECONDS = 10.0

# Above any pid_max (4194304 on Linux), so that no process has it.
NO_PROCESS = 2**31 - 1

SETTINGS = {
    "listen_addresses": "",
    "port": str(POSTGRES_PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    # Rows hold people's names. A failed statement must not copy them into the log.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}

# Run in template1, so that a test database made by `owner` has the same rules. The schema
# belongs to pg_database_owner there: whoever owns a database may create tables in it.
BOOTSTRAP = (
    "CREATE ROLE owner LOGIN CREATEDB",
    "CREATE ROLE desk LOGIN",
    "CREATE ROLE intake LOGIN",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO desk, intake",
    "CREATE DATABASE holdfast OWNER owner",
    "REVOKE ALL ON DATABASE holdfast FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY ON DATABASE holdfast TO desk, intake",
)


@dataclass(frozen=True)
class _Postmaster:
    """What PostgreSQL wrote into its pid file (storage/pidfile.h)."""

    pid: int
    socket_directory: str
    ready: bool


def data_directory(places: Places) -> Path:
    """Return where the cluster is, links resolved."""
    return (places.postgres_home / "cluster" / "data").resolve()


def log_path(places: Places) -> Path:
    """Return the path of the server's log."""
    return data_directory(places).parent / "postgres.log"


def running_pid(places: Places) -> int | None:
    """Return the server's process id, or None when it does not run."""
    postmaster = _postmaster(data_directory(places))
    return postmaster.pid if postmaster else None


def ensure_running(places: Places) -> None:
    """Start PostgreSQL unless it runs. The caller holds the lock of the state directory."""
    data = data_directory(places)
    postmaster = _postmaster(data)
    if postmaster is not None:
        recorded = postmaster.socket_directory
        if recorded and Path(recorded) != places.postgres_sockets:
            raise EmbeddedServiceError(
                f"PostgreSQL already runs for {places.state} with its socket in {recorded}, not "
                f"in {places.postgres_sockets}. Stop it with `python -m config.embedded stop`."
            )
        _wait_for_recovery(places, data)
        if _postmaster(data) is not None and processes.listens(places.postgres_socket):
            return
        # It lives but cannot be reached: its socket was removed.
        _end(places, postmaster.pid)
    _end_orphan(places, data)
    _start(places)


def stop(places: Places) -> None:
    """Stop PostgreSQL cleanly, ending its sessions. Nothing happens when it does not run."""
    pid = running_pid(places)
    if pid is not None:
        _end(places, pid)


def _postmaster(data: Path) -> _Postmaster | None:
    """Return the running server of this data directory, or None."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not _serves(pid, data):
        return None
    lines += [""] * (8 - len(lines))
    return _Postmaster(pid=pid, socket_directory=lines[4], ready=lines[7].strip() == "ready")


def _serves(pid: int, data: Path) -> bool:
    return processes.runs(pid, program="postgres", mark=os.fspath(data))


def _wait_for_recovery(places: Places, data: Path) -> None:
    """Wait while a server whose starter was killed still recovers, or is on its way out."""

    def settled() -> bool:
        postmaster = _postmaster(data)
        return postmaster is None or postmaster.ready

    if not processes.wait_until(settled, seconds=START_SECONDS):
        raise EmbeddedServiceError(
            f"PostgreSQL is not ready after {START_SECONDS} seconds. It may be recovering from a "
            f"crash: wait, and try again. {log_tail(log_path(places))}"
        )


def _end(places: Places, pid: int) -> None:
    data = data_directory(places)
    # SIGINT is PostgreSQL's fast shutdown: sessions end, everything is written down.
    ended = processes.end(
        pid, signal.SIGINT, gone=lambda: not _serves(pid, data), seconds=STOP_SECONDS
    )
    if not ended:
        raise EmbeddedServiceError(
            f"PostgreSQL (process {pid}) did not stop within {STOP_SECONDS:.0f} seconds. "
            + log_tail(log_path(places))
        )


def _end_orphan(places: Places, data: Path) -> None:
    """Clear our socket of a server whose data directory was deleted, and of a reused pid."""
    try:
        pid = int(places.postgres_socket_lock.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return
    if _serves(pid, data):
        # SIGQUIT: there is nothing left to write to.
        processes.end(
            pid, signal.SIGQUIT, gone=lambda: not _serves(pid, data), seconds=ORPHAN_SECONDS
        )
    places.postgres_socket_lock.unlink(missing_ok=True)


def _start(places: Places) -> None:
    account = processes.postgres_account()
    home = _prepare_home(places, account)
    data = data_directory(places)
    log = log_path(places)
    _set_aside_a_broken_cluster(data)
    programs = postgres_programs(account=account, home=home, major=_major_of(data))
    if not data.exists():
        _create_cluster(data, programs=programs, account=account)
    settings = _write_settings(home, places)
    _disown_a_stale_pid(data)
    options = shlex.join(["-c", f"config_file={settings}"])
    command: list[str | Path] = [
        programs.directory / "pg_ctl",
        *("start", "--wait", f"--timeout={START_SECONDS}", "--silent"),
        *(f"--pgdata={data}", f"--log={log}", f"--options={options}"),
    ]
    deadline = time.monotonic() + ORPHAN_SECONDS
    while True:
        log_began_at = log.stat().st_size if log.exists() else 0
        started = _run(command, account=account)
        if started.returncode == 0:
            return
        said = log.read_text(errors="replace")[log_began_at:] if log.exists() else ""
        # After a kill -9 the server's children need a moment to notice and to leave.
        if "shared memory block" not in said or time.monotonic() > deadline:
            raise EmbeddedServiceError(
                f"PostgreSQL did not start: {started.stderr.strip()}\n{log_tail(log)}"
            )
        time.sleep(0.2)


def _prepare_home(places: Places, account: Account) -> Path:
    """Create the directories of the server, where its account can reach them."""
    home = places.postgres_home
    try:
        if not home.exists():
            if account.uid is None or _everyone_may_enter(places.state):
                make_directory(home, mode=0o711)
            else:
                # The link in the state directory records where the data went.
                make_directory(REACHABLE_HOME, mode=0o711)
                elsewhere = Path(tempfile.mkdtemp(dir=REACHABLE_HOME))
                elsewhere.chmod(0o711)
                home.unlink(missing_ok=True)
                home.symlink_to(elsewhere)
        home = home.resolve()
        (home / "cluster").mkdir(exist_ok=True)
        places.postgres_sockets.mkdir(exist_ok=True)
    except OSError as error:
        raise EmbeddedServiceError(
            f"PostgreSQL's directories cannot be created in {home}: {error.strerror}."
        ) from error
    account.own(home / "cluster")
    account.own(places.postgres_sockets)
    return home


def _everyone_may_enter(directory: Path) -> bool:
    return all(path.stat().st_mode & 0o001 for path in (directory, *directory.parents))


def _set_aside_a_broken_cluster(data: Path) -> None:
    """Rename a data directory without its control file: no PostgreSQL can open it again."""
    if data.exists() and not (data / "global" / "pg_control").exists():
        data.rename(data.with_name(f"data-broken-{time.time_ns()}"))


def _major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text())
    except (FileNotFoundError, ValueError):
        return None


def _create_cluster(data: Path, *, programs: PostgresPrograms, account: Account) -> None:
    """Make the cluster, its roles and its database under another name, then rename it.

    So a data directory of the right name is always a finished one.
    """
    # A killed start may have left an initdb at work, so no two starts share a name.
    for left_over in data.parent.glob("data-unfinished-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    unfinished = data.with_name(f"data-unfinished-{time.time_ns()}")
    locales = [["--locale=C.UTF-8"], ["--locale=C"]]
    if programs.major >= 17:
        # PostgreSQL's own provider sorts and folds alike on every system.
        builtin = "--locale-provider=builtin"
        locales = [
            [builtin, "--locale=C.UTF-8"],
            [builtin, "--builtin-locale=C.UTF-8", "--locale=C"],
        ]
    for locale in locales:
        made = _run(
            [
                programs.directory / "initdb",
                *("--username=postgres", "--encoding=UTF8", *locale),
                *("--auth-local=trust", "--auth-host=reject", f"--pgdata={unfinished}"),
            ],
            account=account,
        )
        if "locale" not in made.stderr:
            break
    if made.returncode == 0:
        # Single-user mode (-j): a statement ends with a semicolon and an empty line.
        made = _run(
            [
                programs.directory / "postgres",
                *("--single", "-j", "-c", "exit_on_error=true", "-D", unfinished, "template1"),
            ],
            account=account,
            sends="".join(f"{statement};\n\n" for statement in BOOTSTRAP),
        )
    if made.returncode != 0:
        raise EmbeddedServiceError(
            f"PostgreSQL's data directory {data} could not be made:\n{made.stderr.strip()}"
        )
    unfinished.rename(data)


def _write_settings(home: Path, places: Places) -> Path:
    """Write the configuration file, outside the cluster so that only we can change it.

    What ALTER SYSTEM sets is kept in the cluster and wins over it.
    """
    path = home / "postgresql.conf"
    settings = SETTINGS | {
        "unix_socket_directories": os.fspath(places.postgres_sockets),
        "hba_file": os.fspath(data_directory(places) / "pg_hba.conf"),
        "ident_file": os.fspath(data_directory(places) / "pg_ident.conf"),
    }
    lines = ["# Written anew at each start by config.embedded. Use ALTER SYSTEM for your own."]
    for name, value in settings.items():
        quoted = value.replace("'", "''")
        lines.append(f"{name} = '{quoted}'")
    path.write_text("\n".join(lines) + "\n")
    path.chmod(0o644)
    return path


def _disown_a_stale_pid(data: Path) -> None:
    """Take the pid out of a stale pid file: it may belong to a stranger by now.

    PostgreSQL would take the stranger for itself and refuse to start. Only the first line
    changes: the file also names the shared memory by which PostgreSQL sees that processes of
    a killed server are still at work, and that guard must stay.
    """
    path = data / "postmaster.pid"
    try:
        _, rest = path.read_text().split("\n", 1)
    except (FileNotFoundError, ValueError):
        return
    # Not through a link: the directory belongs to PostgreSQL's account, and we may be root.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "w") as file:
        file.write(f"{NO_PROCESS}\n{rest}")


def _run(
    command: Sequence[str | Path], *, account: Account, sends: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        input=sends,
        capture_output=True,
        text=True,
        check=False,
        env=CLEAN_ENVIRONMENT,
        **account.popen_arguments,
    )
