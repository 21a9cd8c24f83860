import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from sanctions.models import Source
from sanctions.sources import source_called
from tests.sanctions.publisher import Publisher


@pytest.fixture(autouse=True)
def _media_root(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> None:
    """Downloads of a test are kept in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")


@pytest.fixture
def sdn(db: None) -> Source:
    return source_called("ofac-sdn")


@pytest.fixture
def media_root(settings: Settings) -> Path:
    return Path(settings.MEDIA_ROOT)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    running = Publisher()
    thread = threading.Thread(target=running.server.serve_forever)
    thread.start()
    yield running
    running.server.shutdown()
    thread.join()
    running.server.server_close()


@pytest.fixture
def source(sdn: Source, publisher: Publisher) -> Source:
    sdn.urls = [f"{publisher.address}/SDN.XML"]
    sdn.allowed_hosts = ["127.0.0.1"]
    sdn.save()
    return sdn
