"""Promises 21 and 25: originals are gone unless asked for; what expired takes its files along."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import IntegrityError, ProgrammingError

from accounts.actors import COMMAND_LINE
from accounts.models import AuditEvent
from intake import retention, rotation, terms
from intake.attachments import cleaning, store
from intake.columns import today
from intake.models import Attachment, Report
from intake.receipts import Receipt
from intake.rotation import Folders
from tests.intake import corpus
from tests.intake.conftest import send
from tests.intake.file_builders import attach, cleaned, content_of, names_on_disk

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_an_original_is_destroyed_when_its_clean_copy_is_there(receipt: Receipt) -> None:
    """Shown to fail by leaving `store.destroy` out of `cleaning._write`."""
    attachment = attach(receipt, "a.jpg", corpus.jpeg())
    original = attachment.original
    cleaned(attachment)
    assert attachment.original == ""
    assert names_on_disk() == {attachment.cleaned}
    assert original not in names_on_disk()


def test_a_refused_original_is_destroyed_too(receipt: Receipt) -> None:
    cleaned(attach(receipt, "a.jpg", corpus.jpeg()[:300]))
    assert names_on_disk() == set()


def test_an_original_is_kept_where_its_reporter_asked(receipt: Receipt) -> None:
    attachment = cleaned(attach(receipt, "a.jpg", corpus.jpeg(), keep=True))
    assert names_on_disk() == {attachment.cleaned, attachment.original}
    assert content_of(attachment, "original") == corpus.jpeg()


def test_destroying_takes_the_header_first(receipt: Receipt, media: Path) -> None:
    """A disk that gives a removed file back gives back noise.

    Shown to fail by unlinking alone, seen through a second name of the same file.
    """
    attachment = attach(receipt, "a.txt", b"text")
    seen = media.parent / "second-name"
    seen.hardlink_to(media / attachment.original)
    before = seen.read_bytes()
    store.destroy([attachment.original])
    after = seen.read_bytes()
    seen.unlink()
    assert before[:24] != after[:24]
    assert before[24:] == after[24:]


def test_what_expires_takes_its_files_along(keys: Folders) -> None:
    """Shown to fail by leaving the files out of `retention._erase`."""
    (first, old), (second, _) = send(), send()
    cleaned(attach(first, "a.txt", b"old", keep=True))
    kept = cleaned(attach(second, "a.txt", b"kept"))
    Report.objects.using("owner").filter(pk=old.pk).update(
        waiting_since=today() - timedelta(days=terms.UNCLAIMED_DAYS + 1)
    )
    retention.expire(actor=COMMAND_LINE)
    assert list(Attachment.objects.all()) == [kept]
    assert names_on_disk() == {kept.cleaned}


def test_rotation_leaves_files_as_they_are_and_they_open(receipt: Receipt, keys: Folders) -> None:
    attachment = cleaned(attach(receipt, "a.txt", b"text", keep=True))
    before = {name: (store.directory() / name).read_bytes() for name in names_on_disk()}
    rotation.begin_next(actor=COMMAND_LINE, folders=keys)
    rotation.rewrap_all(actor=COMMAND_LINE, folders=keys)
    assert {name: (store.directory() / name).read_bytes() for name in names_on_disk()} == before
    assert content_of(attachment, "cleaned") == b"text"
    assert content_of(attachment, "original") == b"text"


def test_what_became_of_files_is_recorded_by_night_and_once(
    receipt: Receipt, report: Report
) -> None:
    """Shown to fail by recording in `cleaning._write`: its time is that of the upload."""
    cleaned(attach(receipt, "a.txt", b"text"))
    cleaned(attach(receipt, "b.jpg", corpus.jpeg()[:300], keep=True))
    assert not AuditEvent.objects.filter(verb="clean_report_files").exists()
    assert cleaning.record(actor=COMMAND_LINE) == 1
    assert cleaning.record(actor=COMMAND_LINE) == 0
    event = AuditEvent.objects.get(verb="clean_report_files")
    assert event.object_id == str(report.pk)
    assert event.changes == {"clean": 1, "refused": 1, "originals_destroyed": 1}


def test_a_file_is_settled_once(receipt: Receipt) -> None:
    attachment = cleaned(attach(receipt, "a.txt", b"text"))
    before = attachment.cleaned
    assert cleaned(attachment).cleaned == before
    assert cleaning.due() == []


def test_a_report_deleted_meanwhile_leaves_no_copy(
    receipt: Receipt, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail by keeping the copy before its row is written."""
    attachment = attach(receipt, "a.txt", b"text")
    rebuilt = cleaning._rebuilt

    def deleted_meanwhile(*args: object) -> bytes:
        Report.objects.using("owner").filter(pk=report.pk).delete()
        return rebuilt(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(cleaning, "_rebuilt", deleted_meanwhile)
    cleaning.clean(file=attachment.pk)
    assert names_on_disk() <= {attachment.original}


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("DELETE FROM intake_attachment", ProgrammingError),
        ("UPDATE intake_attachment SET report_id = NULL", ProgrammingError),
        ("UPDATE intake_attachment SET details = ''", ProgrammingError),
        ("UPDATE intake_attachment SET state = 'clean'", IntegrityError),
        ("UPDATE intake_attachment SET original = ''", IntegrityError),
    ],
)
def test_the_desk_can_neither_move_nor_release_a_file_by_sql(
    receipt: Receipt, statement: str, refusal: type[Exception]
) -> None:
    """Shown to fail by leaving the rights and the constraints out of the migration."""
    attach(receipt, "a.txt", b"text")
    with pytest.raises(refusal), connection.cursor() as cursor:
        cursor.execute(statement)
