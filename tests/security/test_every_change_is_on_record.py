"""Whatever changes something, and whatever is refused, stands in the record."""

from contextlib import suppress
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import audit
from accounts.models import AuditEvent, User
from cases.models import Note
from tests.security.matrix import GET, ROWS, Row
from tests.security.walking import prepare, send, who_passes
from tests.security.world import CAST, Kind, World
from tests.security.writes import writes_without_an_event

OURS = [row for row in ROWS if not row.is_of_allauth]
CHANGES = [row for row in OURS if row.method != GET and row.name != "api:no_such_address"]
READS = [row for row in OURS if row.method == GET]
# Whoever takes up an invitation had no account before. What they do is theirs all the same.
NEWCOMER = "accounts:accept_invitation"


class Sent:
    """A request of a row, what came back, and what it left behind."""

    def __init__(self, world: World, row: Row, who: str | None) -> None:
        address, body = prepare(world, row, who)
        client = world.browser(who)
        last = AuditEvent.objects.latest("pk").pk
        with CaptureQueriesContext(connection) as captured:
            self.status = send(client, row.method, address, body).status_code
        self.events = list(AuditEvent.objects.filter(pk__gt=last).order_by("pk"))
        self.alone = writes_without_an_event(query["sql"] for query in captured)


@pytest.mark.parametrize("row", CHANGES, ids=str)
def test_a_change_stands_beside_an_event_of_who_made_it(world: World, row: Row) -> None:
    who = None if row.name == NEWCOMER else who_passes(world, row)
    sent = Sent(world, row, who)
    assert sent.status in row.then
    assert sent.events
    actor = world.cast[who] if who else User.objects.get(email="new@desk.example")
    assert {event.actor_user for event in sent.events} == {actor}
    assert sent.alone == []
    assert len({UUID(event.request_id) for event in sent.events}) == 1


@pytest.mark.parametrize("row", READS, ids=str)
def test_a_read_changes_nothing_and_is_recorded_only_where_it_has_to_be(
    world: World, row: Row
) -> None:
    who = who_passes(world, row)
    sent = Sent(world, row, who)
    assert sent.status in row.then
    assert len(sent.events) == row.is_recorded
    assert {event.actor_user for event in sent.events} <= {world.cast[who]}
    assert sent.alone == []


def who_is_forbidden(world: World, row: Row) -> str | None:
    """The first of the cast who may know of the object and may not do this to it."""
    refused = frozenset({403})
    return next(
        (who for who in CAST if row.expects(world.permissions[who], Kind.OPEN) == refused), None
    )


@pytest.mark.parametrize("row", [row for row in OURS if row.door or row.may], ids=str)
def test_who_is_forbidden_something_stands_in_the_record_and_nothing_else_does(
    world: World, row: Row
) -> None:
    who = who_is_forbidden(world, row)
    assert who is not None
    sent = Sent(world, row, who)
    assert sent.status == 403
    (event,) = sent.events
    assert (event.verb, event.actor_user) == ("refused", world.cast[who])
    assert event.changes == {"rule": "not_allowed", "address": row.name}
    assert UUID(event.request_id)
    assert sent.alone == []


def test_a_write_without_its_event_is_seen(world: World) -> None:
    """The measure itself: an event in another transaction does not count, nor one rolled back."""
    note = Note(case=world.cases[Kind.OPEN], author=world.reviewer, text="Said in passing")

    def event() -> None:
        audit.record(actor=world.reviewer, verb="case.noted", target=note.case)

    with CaptureQueriesContext(connection) as captured:
        note.save()
        event()
        with transaction.atomic():
            note.save()
            with suppress(ZeroDivisionError), transaction.atomic():
                event()
                raise ZeroDivisionError
        with transaction.atomic():
            note.save()
            event()
    written = writes_without_an_event(query["sql"] for query in captured)
    assert written == ["cases_note", "cases_note"]
