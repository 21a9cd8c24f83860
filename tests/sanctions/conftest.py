from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from sanctions.models import Source
from sanctions.sources import source_called


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
