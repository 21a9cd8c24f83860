"""Start the parts of the demo as processes, watch them, and stop them together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

STOP_SECONDS = 10


class PartStopped(Exception):
    """A part of the demo that ended by itself. The text shows the end of its log."""


@dataclass
class Part:
    """One process of the demo, with its log file."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def check(self) -> None:
        """Raise `PartStopped` if the process has ended."""
        if self.process.poll() is not None:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
            tail = "\n".join(lines[-12:])
            raise PartStopped(
                f"{self.name} stopped with code {self.process.returncode}. Its log, {self.log}, "
                f"ends with:\n{tail}"
            )


@dataclass
class Parts:
    """All processes of one demo. Leaving the `with` block stops every one of them."""

    logs: Path
    running: list[Part] = field(default_factory=list)

    def __enter__(self) -> "Parts":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *exc: object) -> None:
        for part in reversed(self.running):
            part.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for part in self.running:
            try:
                part.process.wait(timeout=max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()

    def start(
        self, name: str, arguments: Sequence[str], settings: str = "config.settings.dev"
    ) -> Part:
        """Run a Python module as a part of the demo: `arguments` follow `python`."""
        log = self.logs / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                # Ctrl-C goes to us alone: we stop the parts in order.
                start_new_session=True,
                env=os.environ | {"PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": settings},
            )
        part = Part(name, process, log)
        self.running.append(part)
        return part

    def check(self) -> None:
        for part in self.running:
            part.check()


def free_port(preferred: int) -> int:
    """Return the preferred port of localhost, or another free one where it is taken."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise RuntimeError("No port of localhost is free.")


def wait_until_it_answers(part: Part, url: str, timeout_seconds: float = 60) -> None:
    """Wait for a part to answer over HTTP. Raises `PartStopped` if it ends before."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        part.check()
        try:
            httpx.get(url, timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise PartStopped(f"{part.name} did not answer at {url} within {timeout_seconds:.0f} s.")
