"""Other processes of ours in a test: they have to meet the test's database."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import connections

from config.services import service_addresses


def database_environment() -> dict[str, str]:
    """Environment variables that lead another process to the database of this test run."""
    addresses = service_addresses()
    name = connections["owner"].settings_dict["NAME"]
    return {
        "DATABASE_URL": urlsplit(addresses.desk_url)._replace(path=f"/{name}").geturl(),
        "DATABASE_OWNER_URL": urlsplit(addresses.owner_url)._replace(path=f"/{name}").geturl(),
        "CELERY_BROKER_URL": addresses.broker_url,
    }
