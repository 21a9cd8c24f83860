"""Files in the zone: sealed as they arrive, listed, removed before sending, handed to a report.

A file is sealed under the key of the report it will belong to. That key is drawn when the
question about files is reached, and rests in the reporter's session, which only their cookie
opens. The database is reached through doors that ask for the cookie's half or the lookup id.
"""

import base64
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from intake import envelopes, terms
from intake.attachments import sealed, store
from intake.attachments.sealed import Details, Finding
from intake.envelopes import NotOpened
from intake.models import Attachment
from intake.sessions import Visit


class Gone(Exception):
    """The session or the report that a file was for is no more."""


class Full(Exception):
    """As many files are there as a report may have."""


@dataclass(frozen=True, slots=True, repr=False)
class Folder:
    """What a file in the zone belongs to: a report, sent or not, its key, and how to find it.

    `owner` is the half of the session's cookie, or the lookup id of a sent report.
    """

    owner: bytes
    of_session: bool
    report: uuid.UUID
    key: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Listed:
    """A file as its reporter may see it."""

    id: uuid.UUID
    state: Attachment.State
    details: Details
    finding: Finding | None
    stored: tuple[str, ...]


def begin(visit: Visit) -> None:
    """Draw the id and the key of the report that the files of this session will belong to."""
    if "files" not in visit.content:
        key = base64.b64encode(envelopes.new_key()).decode("ascii")
        visit.content["files"] = {"report": str(uuid.uuid4()), "key": key}


def folder_of(visit: Visit) -> Folder | None:
    """The folder of a session's unsent report. None before its question was reached."""
    drawn: dict[str, Any] | None = visit.content.get("files")
    if drawn is None:
        return None
    return Folder(
        owner=visit.find_half,
        of_session=True,
        report=uuid.UUID(drawn["report"]),
        key=base64.b64decode(drawn["key"]),
    )


def add(folder: Folder, *, file: uuid.UUID, details: Details, stored: store.Unfinished) -> None:
    """Name an arrived file in the database, and so keep it. Raises `Gone` and `Full`.

    The same file a second time is a form that was sent twice: it is dropped.
    """
    if any(_same(details, other.details) for other in listed(folder)):
        return
    where = sealed.place(folder.report, file, "details")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT intake_file_add(%s, %s, %s, %s, %s, %s)",
            [
                folder.owner,
                folder.of_session,
                file,
                stored.name,
                sealed.seal_details(folder.key, details, where),
                terms.MOST_FILES,
            ],
        )
        (answer,) = cursor.fetchone()
    if answer == "full":
        raise Full
    if answer == "gone":
        raise Gone
    stored.keep()


def listed(folder: Folder) -> list[Listed]:
    """The files of a folder. One that does not open belongs to a form that was begun anew."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_files(%s, %s)", [folder.owner, folder.of_session])
        rows = cursor.fetchall()
    files = []
    for file, state, original, cleaned, details, finding in rows:
        try:
            files.append(
                Listed(
                    id=file,
                    state=Attachment.State(state),
                    details=sealed.open_details(
                        folder.key, bytes(details), sealed.place(folder.report, file, "details")
                    ),
                    finding=finding
                    and sealed.open_finding(
                        folder.key, bytes(finding), sealed.place(folder.report, file, "finding")
                    ),
                    stored=(original, cleaned),
                )
            )
        except NotOpened:
            continue
    return files


def remove(folder: Folder, file: uuid.UUID) -> None:
    """Take a file of an unsent report back. It is destroyed at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_file_remove(%s, %s)", [folder.owner, file])
        (stored,) = cursor.fetchone() or ("",)
    store.destroy([stored])


def adopt(folder: Folder) -> None:
    """Hand the session's files to its report, in the transaction that stores the report."""
    files = [file.id for file in listed(folder)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT intake_files_adopt(%s, %s, %s)", [folder.owner, folder.report, files]
        )


def stored_names(folder: Folder) -> list[str]:
    """The names on disk of all files of a folder, to destroy them when their rows are gone."""
    return [name for file in listed(folder) for name in file.stored]


def _same(one: Details, other: Details) -> bool:
    return (one.name, one.sha256) == (other.name, other.sha256)
