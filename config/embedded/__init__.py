"""PostgreSQL and Redis started by Holdfast itself, from wheels or from this machine.

For development, the demo and the tests. Both listen on Unix sockets in a directory that only
their user can enter, so no port is opened and none can be taken. The settings import this
package, so it imports neither Django nor a database client.

`HOLDFAST_STATE_DIR` names where their data is kept (default: `.holdfast` in the repository).
`HOLDFAST_SOCKET_DIR` names where their sockets are (default: a directory below `/tmp`).
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from config.embedded import postgres, redis
from config.embedded.state import (
    POSTGRES_PORT,
    EmbeddedServiceError,
    Places,
    exclusive,
    locate,
    remove_sockets,
)

__all__ = [
    "Addresses",
    "EmbeddedServiceError",
    "ServiceStatus",
    "addresses",
    "ensure_running",
    "status",
    "stop",
]


@dataclass(frozen=True)
class Addresses:
    """Where the services are reached.

    The PostgreSQL URLs differ by role: `owner` owns the tables and runs migrations, `desk` is
    the application, `intake` the reports' side. The socket is a query parameter, which both
    django-environ and psycopg read. Celery has a spelling of its own for Redis on a socket.
    """

    desk_url: str
    owner_url: str
    intake_url: str
    redis_url: str
    celery_broker_url: str


@dataclass(frozen=True)
class ServiceStatus:
    """One service: its process id (None when stopped), its files, its log."""

    name: str
    pid: int | None
    directory: Path
    log: Path


def addresses() -> Addresses:
    """Return where the services are or will be, without starting or creating anything.

    Raises EmbeddedServiceError when the socket directory is too long for a socket.
    """
    return _addresses(locate())


def ensure_running() -> Addresses:
    """Start what does not run, and return the addresses.

    Safe to call from several processes at once: one starts, the others wait and find it.
    Raises EmbeddedServiceError with the reason and the remedy.
    """
    places = locate()
    with exclusive(places):
        postgres.ensure_running(places)
        redis.ensure_running(places)
    return _addresses(places)


def stop() -> None:
    """Stop both services cleanly and remove their sockets. Their data stays."""
    places = locate()
    with exclusive(places):
        redis.stop(places)
        postgres.stop(places)
        remove_sockets(places)


def status() -> tuple[ServiceStatus, ...]:
    """Return what runs, without starting anything."""
    places = locate()
    return (
        ServiceStatus(
            name="PostgreSQL",
            pid=postgres.running_pid(places),
            directory=postgres.data_directory(places),
            log=postgres.log_path(places),
        ),
        ServiceStatus(
            name="Redis",
            pid=redis.running_pid(places),
            directory=places.redis_home,
            log=redis.log_path(places),
        ),
    )


def _addresses(places: Places) -> Addresses:
    def database_url(role: str) -> str:
        host = quote(str(places.postgres_sockets))
        return f"postgres://{role}@/holdfast?host={host}&port={POSTGRES_PORT}"

    redis_socket = quote(str(places.redis_socket))
    return Addresses(
        desk_url=database_url("desk"),
        owner_url=database_url("owner"),
        intake_url=database_url("intake"),
        redis_url=f"unix://{redis_socket}",
        celery_broker_url=f"redis+socket://{redis_socket}",
    )
