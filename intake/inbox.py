"""The reporter's way back: open a report with its receipt, read, write, delete.

Every function reaches the database through a door that asks for the lookup id. A receipt that
never was, one whose report is deleted and one that has expired find nothing, and look alike.
"""

import base64
import uuid
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection, transaction

from intake import envelopes, epochs
from intake.attachments import arrivals, store
from intake.attachments.arrivals import Folder
from intake.envelopes import NotOpened
from intake.models import Report
from intake.receipts import Receipt
from intake.sessions import Visit
from intake.submission import message_place, report_place, wrap_place

# Both sides may write at once. Whoever comes second numbers anew.
WRITE_TRIES = 5


class NothingThere(Exception):
    """The receipt opens nothing. Why is not told: to tell would be to confirm."""


@dataclass(frozen=True, slots=True, repr=False)
class OpenInbox:
    """What an opened inbox needs at its next request: how to find it and the report's key."""

    lookup_id: bytes
    report_key: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """One message, opened."""

    number: int
    from_desk: bool
    day: date
    text: str


@dataclass(frozen=True, slots=True)
class Contents:
    """An inbox as its reporter sees it.

    `is_whole` is false where messages were cut away. `held_until` is the last day of a legal hold.
    """

    state: Report.State
    outcome: str
    lines: list[Line]
    is_whole: bool
    held_until: date | None


def opened_by(visit: Visit) -> OpenInbox | None:
    """The inbox that a session holds open, if any."""
    held = visit.content.get("inbox")
    if held is None:
        return None
    return OpenInbox(
        lookup_id=base64.b64decode(held["lookup"]), report_key=base64.b64decode(held["key"])
    )


def hold_open(visit: Visit, inbox: OpenInbox) -> None:
    """Let a session hold an inbox open, under a fresh cookie. What it held besides goes on."""
    visit.renew()
    visit.content["inbox"] = {
        "lookup": base64.b64encode(inbox.lookup_id).decode("ascii"),
        "key": base64.b64encode(inbox.report_key).decode("ascii"),
    }


def open_with(receipt: Receipt) -> OpenInbox:
    """Open the inbox a receipt belongs to, and move its wrap to the current epoch.

    Raises `NothingThere`.
    """
    lookup_id = receipt.lookup_id()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT report, wrap, kid, wrapped FROM intake_open(%s)",
            [lookup_id],
        )
        row = cursor.fetchone()
        if row is None:
            raise NothingThere
        report, wrap, kid, wrapped = row
        try:
            pepper = epochs.public_epoch(settings.INTAKE_PUBLIC_KEYS, kid).pepper
            report_key = envelopes.unwrap_for_reporter(
                bytes(wrapped), receipt.reporter_key(pepper), kid, wrap_place(report, wrap)
            )
        except (epochs.NoEpoch, NotOpened) as error:
            raise NothingThere from error
        epoch = epochs.current_epoch(settings.INTAKE_PUBLIC_KEYS)
        new_wrap = uuid.uuid4()
        rewrapped = envelopes.wrap_for_reporter(
            report_key,
            receipt.reporter_key(epoch.pepper),
            epoch.kid,
            wrap_place(report, new_wrap),
        )
        cursor.execute(
            "SELECT intake_rewrap(%s, %s, %s, %s)", [lookup_id, new_wrap, epoch.kid, rewrapped]
        )
    return OpenInbox(lookup_id, report_key)


def read(inbox: OpenInbox) -> Contents:
    """Return the status and the messages. Raises `NothingThere` once the report is gone."""
    report, state, outcome, sealed_count = _found(inbox)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, from_desk, day, text FROM intake_messages(%s)", [inbox.lookup_id]
        )
        rows = cursor.fetchall()
        cursor.execute("SELECT intake_held_until(%s)", [inbox.lookup_id])
        (held_until,) = cursor.fetchone()
    lines = []
    for message, number, from_desk, day, text in rows:
        place = message_place(report, message, number, from_desk=from_desk)
        try:
            opened = envelopes.unseal(inbox.report_key, bytes(text), place)
        except NotOpened:
            continue
        lines.append(Line(number, from_desk, day, opened))
    # The desk may have written since the count was read: more is no loss, less is.
    numbers = [line.number for line in lines]
    counted = _count(inbox, report, sealed_count)
    return Contents(
        state=Report.State(state),
        outcome=outcome,
        lines=lines,
        is_whole=len(rows) >= counted and numbers == list(range(1, len(rows) + 1)),
        held_until=held_until,
    )


def write(inbox: OpenInbox, text: str) -> None:
    """Add a message of the reporter. Raises `NothingThere`."""
    for _ in range(WRITE_TRIES):
        report, _state, _outcome, sealed_count = _found(inbox)
        number = _count(inbox, report, sealed_count) + 1
        message = uuid.uuid4()
        place = message_place(report, message, number, from_desk=False)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT intake_write(%s, %s, %s::smallint, %s, %s)",
                [
                    inbox.lookup_id,
                    message,
                    number,
                    envelopes.seal(inbox.report_key, text, place),
                    envelopes.seal(
                        inbox.report_key, str(number), report_place(report, "message_count")
                    ),
                ],
            )
            (written,) = cursor.fetchone()
        if written:
            return
    raise NothingThere


def delete(inbox: OpenInbox) -> None:
    """Delete the report with everything in it, at once and for good."""
    folder = folder_of(inbox)
    stored = arrivals.stored_names(folder) if folder else []
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_delete(%s)", [inbox.lookup_id])
    store.destroy(stored)


def folder_of(inbox: OpenInbox) -> Folder | None:
    """What a file that is added in this inbox belongs to. None once the report is gone."""
    try:
        report, *_ = _found(inbox)
    except NothingThere:
        return None
    return Folder(owner=inbox.lookup_id, of_session=False, report=report, key=inbox.report_key)


def _found(inbox: OpenInbox) -> tuple[uuid.UUID, str, str, bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT report, state, outcome, message_count FROM intake_open(%s)", [inbox.lookup_id]
        )
        row = cursor.fetchone()
    if row is None:
        raise NothingThere
    report, state, outcome, sealed_count = row
    return report, state, outcome, bytes(sealed_count)


def _count(inbox: OpenInbox, report: uuid.UUID, sealed_count: bytes) -> int:
    place = report_place(report, "message_count")
    return int(envelopes.unseal(inbox.report_key, sealed_count, place))
