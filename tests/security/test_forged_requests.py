"""What another site makes a browser send changes nothing here."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from accounts.roles import Role
from cases.models import Case
from tests.security.matrix import GET, ROWS, Row
from tests.security.walking import prepare, send, who_passes
from tests.security.world import Kind, World
from tests.security.writes import WRITE

FORMS = [row for row in ROWS if row.method != GET and row.name != "api:no_such_address"]


@pytest.mark.parametrize("row", FORMS, ids=str)
def test_nothing_is_changed_without_the_token_of_the_form(world: World, row: Row) -> None:
    who = who_passes(world, row)
    address, body = prepare(world, row, who)
    client = world.browser(who, enforce_csrf_checks=True)
    last = AuditEvent.objects.latest("pk").pk
    with CaptureQueriesContext(connection) as captured:
        answer = send(client, row.method, address, body)
    assert answer.status_code == 403
    said = "CSRF" if row.is_api else "This form is no longer valid"
    assert said in answer.content.decode()
    assert not AuditEvent.objects.filter(pk__gt=last).exists()
    assert not [query["sql"] for query in captured if WRITE.match(query["sql"])]


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_header_makes_no_other_method_of_a_request(world: World, name: str) -> None:
    case = world.cases[Kind.OPEN]
    client = world.browser(Role.MODERATOR)
    address = f"/api/v1/cases/{case.pk}/lease/"
    send(client, "POST", address, {}, {name: "DELETE"})
    assert Case.objects.get(pk=case.pk).lease_holder == world.cast[Role.MODERATOR]
    assert send(client, "GET", address, {}, {name: "DELETE"}).status_code == 405
    assert Case.objects.get(pk=case.pk).lease_holder == world.cast[Role.MODERATOR]


def test_a_field_makes_no_other_method_of_a_request(world: World) -> None:
    case = world.cases[Kind.OPEN]
    client = world.browser(Role.MODERATOR)
    address = f"/api/v1/cases/{case.pk}/lease/"
    client.post(f"{address}?_method=DELETE", {"_method": "DELETE"})
    client.post(address, {"_method": "DELETE"}, content_type="application/json")
    assert Case.objects.get(pk=case.pk).lease_holder == world.cast[Role.MODERATOR]
