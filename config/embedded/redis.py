"""The embedded Redis: the broker's queue, on a socket that only its user can open."""

import os
import re
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from config.embedded import processes
from config.embedded.programs import CLEAN_ENVIRONMENT, redis_program
from config.embedded.state import EmbeddedServiceError, Places, log_tail

START_SECONDS = 30.0
STOP_SECONDS = 30.0
ANSWER_SECONDS = 3.0


def log_path(places: Places) -> Path:
    """Return the path of the server's log."""
    return places.redis_home / "redis.log"


def running_pid(places: Places) -> int | None:
    """Return the server's process id, or None when it does not run."""
    answer = re.search(rb"process_id:(\d+)", _ask(places, b"INFO server\r\n"))
    if answer:
        return int(answer.group(1))
    # Its socket may be gone while it lives on.
    try:
        pid = int(_pid_file(places).read_text())
    except (OSError, ValueError):
        return None
    return pid if _runs(pid, mark=places.redis_socket.name) else None


def ensure_running(places: Places) -> None:
    """Start Redis unless it answers. The caller holds the lock of the state directory."""
    if _answers(places):
        if _pid_file(places).exists():
            return
        # The state directory was deleted under a running server, which now writes to nowhere.
        _ask(places, b"SHUTDOWN NOSAVE\r\n")
        processes.wait_until(
            lambda: not processes.listens(places.redis_socket), seconds=STOP_SECONDS
        )
    pid = running_pid(places)
    if pid is not None:
        # It lives but cannot be reached: its socket was removed.
        _end(places, pid)
    _start(places)


def stop(places: Places) -> None:
    """Stop Redis after it has written its queue down. Nothing happens when it does not run."""
    pid = running_pid(places)
    if pid is not None:
        _end(places, pid)


def _pid_file(places: Places) -> Path:
    return places.redis_home / "redis.pid"


def _runs(pid: int, *, mark: str = "") -> bool:
    return any(processes.runs(pid, program=name, mark=mark) for name in ("redis", "valkey"))


def _end(places: Places, pid: int) -> None:
    if not processes.end(pid, signal.SIGTERM, gone=lambda: not _runs(pid), seconds=STOP_SECONDS):
        raise EmbeddedServiceError(
            f"Redis (process {pid}) did not stop within {STOP_SECONDS:.0f} seconds. "
            + log_tail(log_path(places))
        )


def _start(places: Places) -> None:
    program = redis_program()
    try:
        places.redis_home.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise EmbeddedServiceError(
            f"Redis cannot keep its queue in {places.redis_home}: {error.strerror}."
        ) from error
    # Redis detaches itself. It keeps this pipe open exactly as long as it lives.
    alive, inherited = os.pipe()
    try:
        started = subprocess.run(
            [program, *_arguments(places)],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            pass_fds=[inherited],
            start_new_session=True,
        )
    finally:
        os.close(inherited)
    try:
        if started.returncode != 0:
            raise EmbeddedServiceError(f"Redis did not start: {started.stdout}{started.stderr}")
        deadline = time.monotonic() + START_SECONDS
        while not _answers(places):
            died = bool(select.select([alive], [], [], 0)[0])
            if died or time.monotonic() > deadline:
                raise EmbeddedServiceError(
                    f"Redis did not start. {log_tail(log_path(places))}\n"
                    f"What it keeps are hints that are found again in PostgreSQL: when its files "
                    f"are damaged, deleting {places.redis_home} loses nothing."
                )
            time.sleep(0.01)
    finally:
        os.close(alive)


def _arguments(places: Places) -> list[str]:
    settings: dict[str, str | Path] = {
        "port": "0",
        "unixsocket": places.redis_socket,
        "unixsocketperm": "700",
        "dir": places.redis_home,
        "pidfile": _pid_file(places),
        "logfile": log_path(places),
        "daemonize": "yes",
        # The append-only file keeps the queue over a restart, so snapshots are not needed.
        "appendonly": "yes",
        "save": "",
    }
    return [part for name, value in settings.items() for part in (f"--{name}", os.fspath(value))]


def _answers(places: Places) -> bool:
    """Tell whether a server answers. Two servers on one socket would orphan the first.

    Waits for one that loads its queue, and for a dying one to let go of the socket.
    """
    began = time.monotonic()
    while processes.listens(places.redis_socket):
        answer = _ask(places, b"PING\r\n")
        if answer.startswith(b"+PONG"):
            return True
        patience = START_SECONDS if answer.startswith(b"-LOADING") else ANSWER_SECONDS
        if time.monotonic() - began > patience:
            raise EmbeddedServiceError(
                f"Something listens on {places.redis_socket} and does not answer as Redis does. "
                f"End that process and try again. {log_tail(log_path(places))}"
            )
        time.sleep(0.02)
    return False


def _ask(places: Places, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(ANSWER_SECONDS)
        try:
            client.connect(os.fspath(places.redis_socket))
            client.sendall(command)
            return client.recv(4096)
        except OSError:
            return b""
