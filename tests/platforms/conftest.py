from __future__ import annotations

from collections.abc import Iterator

import pytest

from platforms.connectors.holdfast_http import HoldfastHTTP
from platforms.models import Platform
from tests.cases.builders import make_platform
from tests.platforms.sandbox import TOKEN, TOKEN_ENV, Sandbox


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield running
    running.stop()


@pytest.fixture
def token_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_ENV, TOKEN)


@pytest.fixture
def connector(sandbox: Sandbox, token_in_place: None) -> Iterator[HoldfastHTTP]:
    with HoldfastHTTP(base_url=sandbox.address, token_reference=f"env:{TOKEN_ENV}") as opened:
        yield opened


@pytest.fixture
def platform(db: None, sandbox: Sandbox, token_in_place: None) -> Platform:
    """The sandbox, as Holdfast knows it."""
    return make_platform(base_url=sandbox.address, token_reference=f"env:{TOKEN_ENV}")
