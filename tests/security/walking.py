"""Send the request of a row as somebody, and walk the addresses there are."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.security.matrix import GET, POST, ROWS, Row
from tests.security.objects import OBJECTS
from tests.security.world import CAST, STRANGER, Kind, World


def addresses() -> Iterator[tuple[str, URLPattern]]:
    """Give every address of the desk and the API with its name. The first of two alike counts."""
    seen = set()
    for name, route, pattern in _walk(get_resolver().url_patterns, "", ""):
        if route not in seen:
            seen.add(route)
            yield name, pattern


def _walk(
    patterns: list[URLPattern | URLResolver], namespace: str, before: str
) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, route)
        else:
            yield f"{namespace}{pattern.name}", route, pattern


NAMES = sorted({row.name for row in ROWS})


def rows_of(name: str) -> list[Row]:
    return [row for row in ROWS if row.name == name]


def prepare(
    world: World, row: Row, who: str | None, kind: Kind = Kind.OPEN
) -> tuple[str, dict[str, Any]]:
    """Make ready what the row needs. Return its address and what is to be sent there."""
    asker = who or STRANGER
    keys = OBJECTS[row.about].keys_of(world, asker, kind)
    if row.ready is not None:
        row.ready(world, asker, keys)
    body = row.body(world, asker, keys) if row.body else {}
    return reverse(row.name, kwargs=keys), body


def ask(
    world: World, row: Row, who: str | None, kind: Kind = Kind.OPEN, **headers: str
) -> HttpResponse:
    """Send the request of a row as this person, or as a visitor."""
    address, body = prepare(world, row, who, kind)
    return send(world.browser(who), row.method, address, body, headers)


def send(
    client: Client,
    method: str,
    address: str,
    body: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """Send a form to a page, and JSON to the API."""
    call: Callable[..., HttpResponse] = getattr(client, method.lower())
    if method == GET:
        return call(address, headers=headers)
    if method == POST and not address.startswith("/api/"):
        return call(address, body, headers=headers)
    return call(address, json.dumps(body), content_type="application/json", headers=headers)


def who_passes(world: World, row: Row) -> str:
    """The first person of the cast who gets past everything. Roles come before the others."""
    for who in reversed(CAST):
        if row.expects(world.permissions[who], Kind.OPEN) == row.then:
            return who
    raise AssertionError(f"Nobody may: {row}")
