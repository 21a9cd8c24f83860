"""A database that lives as long as one measurement."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.db import connections
from django.test.utils import setup_databases, teardown_databases

from config.services import service_addresses

NAME = "holdfast_benchmark"


@contextmanager
def own_database() -> Iterator[None]:
    """Create an empty, migrated database by the owner's role, and drop it at the end."""
    for alias in connections:
        connections[alias].settings_dict["TEST"]["NAME"] = NAME
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)


def child_environment() -> dict[str, str]:
    """The environment that leads another process to this database, as the role `desk`."""
    addresses = service_addresses()
    return os.environ | {
        "DATABASE_URL": urlsplit(addresses.desk_url)._replace(path=f"/{NAME}").geturl(),
        "DATABASE_OWNER_URL": urlsplit(addresses.owner_url)._replace(path=f"/{NAME}").geturl(),
        "CELERY_BROKER_URL": "memory://",
    }
