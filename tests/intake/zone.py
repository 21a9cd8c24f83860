"""The reports' side as it runs: its own process, and a reporter whose browser runs no scripts."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
from django.db import connections

HOST = "intake.localhost"
REPOSITORY = Path(__file__).parents[2]
STILL_CONNECTED = """
    SELECT count(*) FROM pg_stat_activity
    WHERE usename = 'intake' AND datname = current_database()
"""


def url_of(role: str) -> str:
    """The address of the test database for one of the three database roles."""
    database = connections["owner"].settings_dict
    host, port = quote(database["HOST"] or database["OPTIONS"].get("host", "")), database["PORT"]
    return f"postgres://{role}@/{database['NAME']}?host={host}&port={port}"


@contextmanager
def as_the_zone() -> Iterator[None]:
    """Run verbs of the reports' side in this process, as its own database role.

    Everything else in these tests runs as `desk`, which may do none of it.
    """
    desk = connections["default"]
    connections["default"] = own = desk.copy("default")
    own.settings_dict = desk.settings_dict | {"USER": "intake"}
    try:
        yield
    finally:
        own.close()
        connections["default"] = desk


class Zone:
    """gunicorn on a socket, with its own log and its own directory for temporary files."""

    def __init__(self, public_keys: Path, media: Path) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="hf-zone-"))
        self.socket = self.directory / "s"
        self.port = _free_port()
        self.log = self.directory / "log"
        self.temporary = self.directory / "temporary"
        self.temporary.mkdir()
        arguments = ["-m", "gunicorn", "config.intake_wsgi:application", "--no-control-socket"]
        arguments += [
            "--worker-class",
            "gthread",
            "--threads",
            "4",
            "--bind",
            f"unix:{self.socket}",
            "--bind",
            f"127.0.0.1:{self.port}",
        ]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=REPOSITORY,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=os.environ
                | {
                    "DJANGO_SETTINGS_MODULE": "config.settings.intake",
                    "INTAKE_DATABASE_URL": url_of("intake"),
                    "INTAKE_PUBLIC_KEYS": str(public_keys),
                    "INTAKE_MEDIA": str(media),
                    "TMPDIR": str(self.temporary),
                },
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(self.log.read_text())
            try:
                if self.reporter().get("/en/").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError(f"The zone did not answer.\n{self.log.read_text()}")

    @property
    def url(self) -> str:
        """Where a real browser reaches it: `*.localhost` is this machine, and a safe origin."""
        return f"http://{HOST}:{self.port}"

    def reporter(self) -> "Reporter":
        return Reporter(self.socket)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        # The server of the database notices a little later, and keeps the database until then.
        with psycopg.connect(url_of("owner"), autocommit=True) as watching:
            while watching.execute(STILL_CONNECTED).fetchone() != (0,):
                time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Reporter:
    """A browser without JavaScript: it follows forms and keeps the cookies it is given."""

    socket: Path
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""
    visited: list[str] = field(default_factory=list)

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path, None)

    def post(self, path: str, **typed: str | list[str]) -> httpx.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        data = {"csrfmiddlewaretoken": token.group(1) if token else ""} | typed
        return self._ask("POST", path, data)

    def add_file(
        self, name: str, content: bytes, path: str = "/en/form/", **typed: str
    ) -> httpx.Response:
        """Send a form with a file in it, as the page for files or the inbox has it."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        data = {"csrfmiddlewaretoken": token.group(1) if token else "", "step": "files"} | typed
        return self._ask("POST", path, data, {"file": (name, content)})

    def follow(self, response: httpx.Response) -> httpx.Response:
        while response.is_redirect:
            response = self.get(response.headers["location"])
        return response

    def answer_questions(
        self,
        accounts: str = "relay.example/akhmat",
        person: str = "Somebody",
        narrative: str = "I saw it.",
        languages: tuple[str, ...] = ("ru",),
        **identity: str,
    ) -> httpx.Response:
        """Answer everything up to the page where the report is sent.

        Who the reporter is, such as `name`, is answered where it is asked.
        """
        form = "/en/form/"
        self.get(form)
        for typed in (
            {"step": "accounts", "accounts": accounts, "why": "back"},
            {"step": "person", "person": person},
            {"step": "narrative", "narrative": narrative},
            {"step": "languages", "languages": list(languages)},
        ):
            response = self.follow(self.post(form, **typed))
        if 'name="step" value="identity"' in self.page:
            response = self.follow(self.post(form, step="identity", **identity))
        return response

    def send(self, script: str = "words") -> str:
        """Send what was answered, and return the receipt."""
        self.follow(self.post("/en/form/", step="check", script=script, answer=self.sum()))
        return self.receipt()

    def ask_for_files(self) -> httpx.Response:
        """Answer what comes before the question about files, and open it."""
        self.answer_questions()
        return self.follow(self.post("/en/form/", step="languages", back="1"))

    def report(self, script: str = "words", **answers: str) -> str:
        """Answer, send, type two parts back. Return the receipt."""
        self.answer_questions(**answers)
        receipt = self.send(script)
        parts = receipt.split()
        asked = re.findall(r'name="(part_(\d+))"', self.page)
        typed = {name: parts[int(number) - 1] for name, number in asked}
        self.follow(self.post("/en/form/", step="receipt", **typed))
        return receipt

    def open_inbox(self, receipt: str, **more: str) -> httpx.Response:
        self.get("/en/inbox/")
        return self.follow(self.post("/en/inbox/", receipt=receipt, **more))

    def sum(self) -> str:
        one, other = re.search(r"How much is (\d+) plus (\d+)", self.page).groups()
        return str(int(one) + int(other))

    def receipt(self) -> str:
        shown = re.search(r'<ol class="parts".*?</ol>', self.page, re.S).group()
        return " ".join(re.findall(r"<li>(.*?)</li>", shown))

    def heading(self) -> str:
        return unescape(re.search(r"<h1[^>]*>(.*?)</h1>", self.page, re.S).group(1)).strip()

    def _ask(
        self,
        method: str,
        path: str,
        data: dict[str, str | list[str]] | None,
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> httpx.Response:
        headers = {"Host": HOST, **self.headers}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            headers["Origin"] = f"http://{HOST}"
        with httpx.Client(
            transport=httpx.HTTPTransport(uds=str(self.socket)), timeout=60, trust_env=False
        ) as client:
            response = client.request(
                method, f"http://{HOST}{path}", headers=headers, data=data, files=files
            )
        for cookie in response.headers.get_list("set-cookie"):
            name, value = cookie.split(";")[0].split("=", 1)
            if "Max-Age=0" in cookie:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        self.visited.append(path)
        if not response.is_redirect:
            self.page = response.text
        return response
