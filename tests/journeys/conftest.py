"""A real demo, a real browser. Journeys run against the processes that `make demo` runs."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browsers import chromium

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


@dataclass(frozen=True)
class Demo:
    """A demo with a state directory of its own."""

    state: Path
    record: dict[str, str]

    @property
    def url(self) -> str:
        return self.record["web_url"]

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment(self.state),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def sync_sample(self, name: str) -> None:
        path = ROOT / "sanctions" / "samples" / name
        result = self.manage("sync_list", "ofac-sample", "--from", str(path), "--json")
        assert result.returncode == 0, result.stdout + result.stderr


def environment(state: Path) -> dict[str, str]:
    """What a person's own terminal would have, with the state directory set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"}
    }
    return kept | {
        "HOLDFAST_STATE_DIR": str(state),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "HOLDFAST_MEDIA_ROOT": str(state / "media"),
    }


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    state = Path(tempfile.mkdtemp(prefix="holdfast-journey-"))
    log = state / "demo.log"
    record = state / "demo" / "running.json"
    ports = ["--port=0", "--sandbox-port=0", "--intake-port=0"]
    command = [sys.executable, "manage.py", "demo", *ports]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(state), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not record.exists():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.2)
        yield Demo(state, json.loads(record.read_text()))
    finally:
        process.terminate()
        process.wait(timeout=30)
        subprocess.run(
            [sys.executable, "-m", "config.embedded", "stop"],
            cwd=ROOT,
            env=environment(state),
            check=False,
            capture_output=True,
        )
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@dataclass
class Desk:
    """One person's browser window on the desk. Its pages must never complain."""

    page: Page
    demo: Demo
    pictures: Path | None

    def open(self, path: str) -> None:
        # A page that is still being led somewhere would abort the way to another.
        self.page.wait_for_load_state("networkidle")
        self.page.goto(self.demo.url + path)
        self.page.wait_for_load_state("networkidle")

    def look(self, name: str) -> None:
        """Check the page in both themes with axe, and keep its pictures where asked."""
        for theme in ("light", "dark"):
            self.page.emulate_media(color_scheme=theme)
            found = Axe().run(self.page)
            assert found.violations_count == 0, f"{name}, {theme}: {found.generate_report()}"
            if self.pictures:
                self.pictures.mkdir(parents=True, exist_ok=True)
                self.page.screenshot(path=self.pictures / f"{name}-{theme}.png")
        self.page.emulate_media(color_scheme="light")

    def wait_for(self, path: str, text: str, timeout_seconds: float = 60) -> None:
        """Reload a page until it says something. Work is going on behind it."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            self.open(path)
            if text in self.page.inner_text("main"):
                return
            assert time.monotonic() < deadline, (
                f"{path} never said {text!r}:\n{self.page.inner_text('main')}"
            )
            time.sleep(0.5)


class People:
    """Signs people of the demo's cast in, each in a window of their own."""

    def __init__(self, browser: Browser, demo: Demo, pictures: Path | None) -> None:
        self.browser, self.demo, self.pictures = browser, demo, pictures
        self.complaints: list[str] = []

    def sign_in(self, email: str) -> Desk:
        context = self.browser.new_context(viewport={"width": 1440, "height": 1050})
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text)
                if message.type == "error" and "409" not in message.text
                else None
            ),
        )
        desk = Desk(page, self.demo, self.pictures)
        desk.open("/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", self.demo.record["password"])
        page.keyboard.press("Enter")
        page.wait_for_selector("nav.rail")
        return desk


@pytest.fixture
def people(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[People]:
    pictures = request.config.getoption("--pictures")
    cast = People(browser, demo, Path(pictures).resolve() if pictures else None)
    yield cast
    for context in list(browser.contexts):
        context.close()
    assert cast.complaints == []
