from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from playwright.sync_api import Browser
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, running
from tests.browsers import chromium


@pytest.fixture(autouse=True)
def no_attempts_yet() -> Iterator[None]:
    """Sign-in attempts are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse its ORM.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium() as started:
        yield started
        # The loop has connections of its own, which nobody else would close.
        connections.close_all()


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """The desk as production runs it. pytest-django's server would outlive the test database."""
    settings.HOLDFAST_REQUIRE_SECOND_FACTOR = True
    server = LiveServer("localhost")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, settings: Settings, moderator: User) -> Provider:
    """A provider that knows the moderator by a verified address."""
    vars(server).update(vars(Provider(server.url)))
    settings.OIDC_SERVER_URL = server.url
    settings.OIDC_CLIENT_ID = CLIENT_ID
    settings.OIDC_CLIENT_SECRET = CLIENT_SECRET
    settings.OIDC_NAME = "Example Org"
    server.sign_in_as("mira-1", moderator.email)
    return server
