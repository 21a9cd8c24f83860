"""Start PostgreSQL and Redis before pytest-django reads the settings."""

import pytest

from config.services import ensure_services

ensure_services()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures",
        metavar="DIR",
        default=None,
        help="keep the journeys' screenshots in this directory",
    )
