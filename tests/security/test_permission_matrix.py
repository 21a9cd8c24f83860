"""Every address, every method, everybody: who gets what, by the one table in `matrix.py`."""

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from tests.security.matrix import METHODS, ROWS, Row
from tests.security.objects import OBJECTS
from tests.security.walking import NAMES, addresses, ask, rows_of, send, who_passes
from tests.security.world import CAST, STRANGER, Kind, World, undone


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert set(NAMES) == {name for name, _ in addresses()}


def test_every_method_has_one_row() -> None:
    named = [(row.name, row.method) for row in ROWS]
    assert len(named) == len(set(named))


def test_every_method_of_the_api_has_a_row() -> None:
    named = {(row.name, row.method) for row in ROWS}
    for name, pattern in addresses():
        for method in getattr(pattern.callback, "actions", {}):
            if method != "head":
                assert (name, method.upper()) in named


@pytest.mark.parametrize("name", NAMES)
def test_whoever_may_gets_in_and_nobody_else(world: World, name: str) -> None:
    for row in rows_of(name):
        for who in CAST:
            permissions = world.permissions[who]
            for kind in row.kinds_for(permissions):
                with undone():
                    status = ask(world, row, who, kind).status_code
                assert status in row.expects(permissions, kind), f"{row}, {who}, {kind}: {status}"


@pytest.mark.parametrize("by_htmx", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_a_visitor_is_sent_to_sign_in(world: World, name: str, by_htmx: bool) -> None:
    headers = {"HX-Request": "true"} if by_htmx else {}
    for row in rows_of(name):
        for kind in dict.fromkeys((row.kinds[0], row.kinds[-1])):
            if row.visitor is not None and kind != Kind.OPEN:
                continue
            with undone():
                answer = ask(world, row, None, kind, **headers)
            assert answer.status_code in row.expects_of_visitor(by_htmx=by_htmx), f"{row}, {kind}"
            if row.visitor is None and not row.is_api:
                there = answer.headers.get("HX-Redirect") or answer.headers["Location"]
                assert there.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", NAMES)
def test_a_method_without_a_row_changes_nothing(world: World, name: str) -> None:
    rows = rows_of(name)
    keys = OBJECTS[rows[0].about].keys_of(world, STRANGER, Kind.OPEN)
    address = reverse(name, kwargs=keys)
    events = AuditEvent.objects.count()
    for method in sorted(set(METHODS) - {row.method for row in rows}):
        for who in (None, STRANGER, who_passes(world, rows[0])):
            status = send(world.browser(who), method, address, {}).status_code
            assert status in refused_methods(rows[0], who), f"{method} {name}, {who}: {status}"
    assert AuditEvent.objects.count() == events


def refused_methods(row: Row, who: str | None) -> set[int]:
    """allauth looks at the person before the method, and reads an empty form from a PUT."""
    if row.is_of_allauth:
        return {200, 302, 404, 405}
    return {405} if who else {401, 405}
