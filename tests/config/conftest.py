"""A state directory for one test, and the servers in it ended whatever happens."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config import embedded

REPOSITORY = Path(__file__).parents[2]


@contextmanager
def named_by_the_environment(state: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOLDFAST_STATE_DIR", str(state))
        patch.delenv("HOLDFAST_SOCKET_DIR", raising=False)
        yield


def end_and_delete(state: Path) -> None:
    """Stop the servers of a state directory, by force if they do not stop, and delete it."""
    with named_by_the_environment(state):
        try:
            embedded.stop()
        finally:
            for service in embedded.status():
                if service.pid is not None:
                    os.kill(service.pid, signal.SIGKILL)
            shutil.rmtree((state / "postgres").resolve(), ignore_errors=True)
            shutil.rmtree(state, ignore_errors=True)


@contextmanager
def state_directory() -> Iterator[Path]:
    # Not tmp_path: as root, pytest closes that to the user PostgreSQL runs as.
    directory = Path(tempfile.mkdtemp(prefix="hf-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        end_and_delete(directory)


def copy_state(finished: Path, directory: Path) -> None:
    # cp keeps the owners: as root, the cluster belongs to another user.
    subprocess.run(["cp", "-a", f"{finished}/.", directory], check=True)


@pytest.fixture(scope="session")
def finished_state() -> Iterator[Path]:
    """A state directory whose servers ran and were stopped: copying it is quicker than a start."""
    with state_directory() as directory:
        with named_by_the_environment(directory):
            embedded.ensure_running()
            embedded.stop()
        yield directory


@pytest.fixture(scope="module")
def running(finished_state: Path) -> Iterator[embedded.Addresses]:
    """Servers that the tests of one module share, because none of them stops one."""
    with state_directory() as directory:
        copy_state(finished_state, directory)
        with named_by_the_environment(directory):
            addresses = embedded.ensure_running()
        yield addresses


@pytest.fixture
def empty_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state directory in which nothing ever ran. The environment names it.

    Named through the test's own monkeypatch: two patches of one variable that end in the
    wrong order would leave it set for every test that follows.
    """
    with state_directory() as directory:
        monkeypatch.setenv("HOLDFAST_STATE_DIR", str(directory))
        monkeypatch.delenv("HOLDFAST_SOCKET_DIR", raising=False)
        yield directory


@pytest.fixture
def state(finished_state: Path, empty_state: Path) -> Path:
    """The same with a finished cluster, and the servers stopped."""
    copy_state(finished_state, empty_state)
    return empty_state


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
