"""The reports' side as a process of its own, and a reporter who fills in its form."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.database import NAME
from benchmarks.lists import ROOT
from config import embedded

HOST = "intake.localhost"
START_SECONDS = 60
FORM = "/en/form/"
ANSWERS = (
    {"step": "accounts", "accounts": "relay.example/akhmat", "why": "back"},
    {"step": "person", "person": "Somebody"},
    {"step": "narrative", "narrative": "He posts from the palace every Friday. " * 50},
    {"step": "files"},
    {"step": "languages", "languages": "ru"},
)


@contextmanager
def zone(public_keys: Path, media: Path) -> Iterator[str]:
    """Run the zone on the benchmark's database as the role `intake`, and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "config.intake_wsgi:application"),
            *("--worker-class", "gthread", "--threads", "8", "--no-control-socket"),
            *("--bind", f"127.0.0.1:{port}", "--log-level", "error"),
        ],
        cwd=ROOT,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "config.settings.intake",
            "INTAKE_DATABASE_URL": urlsplit(embedded.addresses().intake_url)
            ._replace(path=f"/{NAME}")
            .geturl(),
            "INTAKE_PUBLIC_KEYS": str(public_keys),
            "INTAKE_MEDIA": str(media),
        },
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address)
        yield address
    finally:
        process.terminate()
        process.wait()


class Reporter:
    """A browser without scripts. Its cookies are `Secure`, so it keeps them by itself."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, headers={"Host": HOST}, timeout=60)
        self.cookies: dict[str, str] = {}
        self.page = ""

    def report(self) -> float:
        """Send a report. Return the milliseconds of the request that sealed and stored it.

        The sum stands in for the proof of work, which the reporter's machine computes.
        """
        self._ask("GET", {})
        for answers in ANSWERS:
            self._ask("POST", answers)
            self._ask("GET", {})
        found = re.search(r"How much is (\d+) plus (\d+)", self.page)
        assert found, "The zone asked no sum."
        answer = str(int(found[1]) + int(found[2]))
        began = time.perf_counter()
        self._ask("POST", {"step": "check", "script": "words", "answer": answer})
        milliseconds = (time.perf_counter() - began) * 1000
        self._ask("GET", {})
        assert 'class="parts"' in self.page, "The zone gave no receipt."
        return milliseconds

    def _ask(self, method: str, typed: dict[str, str]) -> None:
        headers = {"Origin": f"http://{HOST}"} if method == "POST" else {}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        data = {"csrfmiddlewaretoken": token[1] if token else ""} | typed if typed else None
        response = self.client.request(method, FORM, headers=headers, data=data)
        for cookie in response.headers.get_list("set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        if not response.is_redirect:
            self.page = response.text


def _wait(address: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{address}/en/", headers={"Host": HOST}, timeout=2)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The zone did not answer at {address} within {START_SECONDS} s.")
