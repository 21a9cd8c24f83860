"""Open the files of a report at the desk: clean copies, and originals that were kept.

Each opening takes a grant in force and a reason, and is recorded in the same transaction. An
original takes a permission besides: it may hold what leads to its reporter.
"""

import hashlib
import uuid
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from accounts import audit
from accounts.models import User
from accounts.refusals import NotAllowed
from intake import access
from intake.attachments import sealed, store, streams
from intake.attachments.kinds import FORMS, Kind
from intake.attachments.refused import Why
from intake.desk_keys import report_key
from intake.envelopes import NotOpened
from intake.models import Attachment, Report
from intake.refusals import NoSuchCopy, NotReadable

WHY = {
    Why.BROKEN: "It is damaged, or not what its name says.",
    Why.TWO_KINDS: "It is two kinds of file at once, which honest programs do not make.",
    Why.TOO_LARGE_INSIDE: "Its pictures have more pixels than are opened here.",
    Why.TOO_MANY_PAGES: "It has more pages than are opened here.",
    Why.LOCKED: "It has a password.",
    Why.NOT_UTF8: "Its letters could not be read.",
    Why.NOT_CLEAN: "The clean copy still held something besides what is shown, so it was dropped.",
    Why.MALWARE: "The scanner found malware in it.",
    Why.CHANGED: "What is stored was changed or is gone. Tell an administrator.",
    Why.BEYOND_LIMITS: "Opening it took more time or memory than a file may have.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A file as the opened report lists it. `is_lost` where its row was changed."""

    id: uuid.UUID
    state: Attachment.State
    name: str
    kind: str
    size_bytes: int
    sha256: str
    why: str
    has_original: bool
    is_lost: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class OpenedFile:
    """A file in the clear. It lives for one answer and never shows in a repr."""

    kind: Kind
    data: bytes


def listed(report: Report, key: bytes) -> list[Shown]:
    """What an opened report shows of its files, without opening one."""
    return [_shown(file, key) for file in report.attachments.order_by("pk")]


@transaction.atomic
def open_clean(*, actor: User, file: Attachment, reason: str) -> OpenedFile:
    """Open a clean copy. Raises `NotAllowed`, `ReasonMissing`, `NoSuchCopy`, `NotReadable`."""
    report, file = _locked(actor, file, reason)
    if file.state != Attachment.State.CLEAN:
        raise NoSuchCopy("There is no clean copy of this file.").about(report)
    opened = _opened(report, file, "cleaned")
    _recorded(actor, report, file, "open_report_file", reason)
    return opened


@transaction.atomic
def open_original(*, actor: User, file: Attachment, reason: str) -> OpenedFile:
    """Open an original that its reporter asked to keep. Raises as `open_clean` does."""
    report, file = _locked(actor, file, reason)
    if not actor.has_perm("intake.open_original"):
        raise NotAllowed("Originals are opened by legal counsel.").about(report)
    if not file.original or file.state == Attachment.State.WAITING:
        raise NoSuchCopy("No original of this file is kept.").about(report)
    opened = _opened(report, file, "original")
    _recorded(actor, report, file, "open_report_original", reason)
    return opened


def _locked(actor: User, file: Attachment, reason: str) -> tuple[Report, Attachment]:
    assert file.report is not None  # noqa: S101  a file of a session is shown to nobody here
    report = access.locked(file.report)
    access.must_open(actor, report, reason)
    return report, Attachment.objects.select_for_update().get(pk=file.pk)


def _opened(report: Report, file: Attachment, which: str) -> OpenedFile:
    """Open the `original` or the `cleaned` content of a file, and compare it with its hash."""
    key, where = report_key(report), partial(sealed.place, report.pk, file.pk)
    try:
        details = sealed.open_details(key, bytes(file.details), where("details"))
        kind, sha256 = details.kind, details.sha256
        if which == "cleaned":
            finding = sealed.open_finding(key, bytes(file.finding or b""), where("finding"))
            kind, sha256 = FORMS[kind].clean, finding.sha256
        with store.opened(getattr(file, which)) as stored:
            data = streams.open_whole(streams.file_key(key, where(which)), stored.read)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise NotOpened
    except (NotOpened, FileNotFoundError) as error:
        raise NotReadable(
            "What is stored of this file was changed or is gone, so it does not open. Keep the "
            "database and the files as they are and tell an administrator."
        ).about(report) from error
    return OpenedFile(kind, data)


def _shown(file: Attachment, key: bytes) -> Shown:
    assert file.report_id is not None  # noqa: S101  it was found through its report
    where = partial(sealed.place, file.report_id, file.pk)
    state = Attachment.State(file.state)
    try:
        details = sealed.open_details(key, bytes(file.details), where("details"))
        finding = file.finding and sealed.open_finding(key, bytes(file.finding), where("finding"))
    except NotOpened:
        return Shown(file.pk, state, "", "", 0, "", WHY[Why.CHANGED], False, is_lost=True)
    return Shown(
        id=file.pk,
        state=state,
        name=details.name,
        kind=details.kind.upper(),
        size_bytes=details.size_bytes,
        sha256=details.sha256,
        why=WHY[finding.why] if finding and finding.why else "",
        has_original=bool(file.original) and state != Attachment.State.WAITING,
    )


def _recorded(actor: User, report: Report, file: Attachment, verb: str, reason: str) -> None:
    audit.record(
        actor=actor, verb=verb, target=report, changes={"file": str(file.pk)}, reason=reason
    )
