"""What is kept of a file beside its content, sealed in its row under the report's key."""

import json
import uuid
from dataclasses import asdict, dataclass

from intake import envelopes
from intake.attachments.kinds import Kind
from intake.attachments.refused import Why
from intake.envelopes import Place

TABLE = "intake_attachment"


@dataclass(frozen=True, slots=True, repr=False)
class Details:
    """A file as it arrived."""

    name: str
    kind: Kind
    size_bytes: int
    sha256: str
    keeps_original: bool


@dataclass(frozen=True, slots=True, repr=False)
class Finding:
    """What became of a file: the hash and size of its clean copy, or why there is none."""

    why: Why | None = None
    size_bytes: int = 0
    sha256: str = ""


def place(report: uuid.UUID, file: uuid.UUID, column: str) -> Place:
    """Where something of a file lies: a column of its row, or its original or clean content."""
    return Place(TABLE, column, report, file)


def seal_details(key: bytes, details: Details, where: Place) -> bytes:
    return envelopes.seal(key, json.dumps(asdict(details), ensure_ascii=False), where)


def open_details(key: bytes, sealed: bytes, where: Place) -> Details:
    """Raises `envelopes.NotOpened`."""
    opened = json.loads(envelopes.unseal(key, sealed, where))
    return Details(**opened | {"kind": Kind(opened["kind"])})


def seal_finding(key: bytes, finding: Finding, where: Place) -> bytes:
    return envelopes.seal(key, json.dumps(asdict(finding)), where)


def open_finding(key: bytes, sealed: bytes, where: Place) -> Finding:
    """Raises `envelopes.NotOpened`."""
    opened = json.loads(envelopes.unseal(key, sealed, where))
    return Finding(**opened | {"why": Why(opened["why"]) if opened["why"] else None})
