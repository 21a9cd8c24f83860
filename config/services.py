"""Where PostgreSQL and Redis are: given by the environment, or embedded.

`DATABASE_URL` (role `desk`), `DATABASE_OWNER_URL` (role `owner`, for migrations) and
`CELERY_BROKER_URL` override the embedded servers, each on its own.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config import embedded
from config.embedded.state import locate


@dataclass(frozen=True)
class ServiceAddresses:
    """Addresses as URLs, and where files go unless told otherwise.

    The application connects as `desk` and never as `owner`.
    """

    desk_url: str
    owner_url: str
    broker_url: str
    redis_url: str
    media_root: Path


def service_addresses() -> ServiceAddresses:
    """Return the addresses in force, without starting anything."""
    local = embedded.addresses()
    desk_url = os.environ.get("DATABASE_URL") or local.desk_url
    # Without an owner of its own, an external database is migrated by the role it was given.
    owner_url = os.environ.get("DATABASE_OWNER_URL") or (
        desk_url if os.environ.get("DATABASE_URL") else local.owner_url
    )
    broker_url = os.environ.get("CELERY_BROKER_URL") or local.celery_broker_url
    return ServiceAddresses(
        desk_url=desk_url,
        owner_url=owner_url,
        broker_url=broker_url,
        redis_url=os.environ.get("REDIS_URL") or local.redis_url,
        media_root=locate().state / "media",
    )


def uses_embedded_services() -> bool:
    """Tell whether any part still relies on the embedded servers."""
    return not (os.environ.get("DATABASE_URL") and os.environ.get("CELERY_BROKER_URL"))


def database_is_empty() -> bool:
    """Tell whether the embedded database was never migrated. An external one is left alone."""
    if os.environ.get("DATABASE_URL"):
        return False
    with psycopg.connect(service_addresses().owner_url) as connection:
        found = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    return found == (None,)


def ensure_services() -> None:
    """Start the embedded servers where the environment names no others."""
    if uses_embedded_services():
        embedded.ensure_running()
