"""A state directory for one test, and the servers in it ended whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded

REPOSITORY = Path(__file__).parents[2]


def end_and_delete(state: Path) -> None:
    """Stop the servers of a state directory, by force if they do not stop, and delete it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOLDFAST_STATE_DIR", str(state))
        patch.delenv("HOLDFAST_SOCKET_DIR", raising=False)
        try:
            embedded.stop()
        finally:
            for service in embedded.status():
                if service.pid is not None:
                    os.kill(service.pid, signal.SIGKILL)
            shutil.rmtree((state / "postgres").resolve(), ignore_errors=True)
            shutil.rmtree(state, ignore_errors=True)


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    # Not tmp_path: as root, pytest closes that to the user PostgreSQL runs as.
    directory = Path(tempfile.mkdtemp(prefix="hf-test-"))
    directory.chmod(0o711)
    monkeypatch.setenv("HOLDFAST_STATE_DIR", str(directory))
    monkeypatch.delenv("HOLDFAST_SOCKET_DIR", raising=False)
    yield directory
    end_and_delete(directory)


@pytest.fixture
def pids() -> Callable[[], tuple[int | None, ...]]:
    return lambda: tuple(service.pid for service in embedded.status())


@pytest.fixture
def query() -> Callable[..., object]:
    def run(url: str, statement: str) -> object:
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None

    return run


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python -m config.embedded` in a process of its own."""

    def run(word: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "config.embedded", word],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )

    return run
