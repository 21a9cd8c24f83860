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
    parser.addoption(
        "--pin-queries",
        action="store_true",
        help="write tests/security/query_counts.json anew from what the pages cost now",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Only the owner may empty tables: a test that commits and leaves it out would leak rows."""
    for item in items:
        mark = item.get_closest_marker("django_db")
        if (
            mark
            and mark.kwargs.get("transaction")
            and "owner" not in mark.kwargs.get("databases", ())
        ):
            raise pytest.UsageError(
                f'{item.nodeid}: transaction=True needs databases=["default", "owner"].'
            )
