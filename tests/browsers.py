"""A real Chromium for the journeys. Without one they skip loudly, and in CI they fail."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = [
    # Chromium's own sandbox needs rights that a container has not.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium. Close it before the next test: Playwright keeps an event loop running."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing = "No Chromium on this machine: a journey in the browser did not run."
        if os.environ.get("HOLDFAST_REQUIRE_CHROMIUM"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
