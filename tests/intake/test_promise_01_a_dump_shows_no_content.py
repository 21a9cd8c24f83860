"""Promise 1: a database dump shows no content of a report in any encoding."""

import hashlib

import pytest
from django.test import Client

from accounts.models import User
from intake import access, reading
from intake.models import Attachment, Report
from tests.intake.attacker import dump, every_value, found
from tests.intake.file_builders import cleaned
from tests.intake.zone import Reporter

CANARIES = {
    "accounts": "zinnober-kanarienvogel",
    "person": "Канарейка Киноварь",
    "narrative": "vermilion canary of the narrative",
    "message": "vermilion canary of a message",
    "reply": "vermilion canary of a reply",
    "summary": "vermilion canary of a summary",
    "file name": "vermilion-canary-of-a-file.txt",
    "draft file": "vermilion-canary-of-a-draft.txt",
    "file": "vermilion canary inside of a file",
    "name": "Maryam Vermilion Canary",
    "contact": "vermilion canary of a contact",
}
FILE = CANARIES["file"].encode() * 123_456


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_no_seeded_canary_is_in_the_dump(
    vault: list[User], reporter: Reporter, coordinator: User, client: Client
) -> None:
    """Shown to fail by letting `seal_bytes` and `open_bytes` pad and encrypt nothing.

    The dump is taken while the reporter's session is open, so its row is in it too.
    """
    receipt = reporter.report(
        accounts=CANARIES["accounts"],
        person=CANARIES["person"],
        narrative=CANARIES["narrative"],
        name=CANARIES["name"],
        contact=CANARIES["contact"],
    )
    reporter.open_inbox(receipt)
    reporter.post("/en/inbox/", act="write", text=CANARIES["message"])
    reporter.get("/en/inbox/")
    reporter.add_file(CANARIES["file name"], FILE, "/en/inbox/", act="write", text="")
    other = reporter.__class__(reporter.socket)
    other.answer_questions(narrative=CANARIES["narrative"], name=CANARIES["name"])
    other.follow(other.post("/en/form/", step="languages", back="1"))
    other.add_file(CANARIES["draft file"], FILE, add="1")
    cleaned(Attachment.objects.get(report__isnull=False))
    report = Report.objects.get()
    access.claim(actor=coordinator, report=report)
    reading.reply(actor=coordinator, report=report, text=CANARIES["reply"])
    reading.summarise(actor=coordinator, report=report, text=CANARIES["summary"])
    opened = reading.read(actor=coordinator, report=report, reason="To answer")
    assert opened.narrative == CANARIES["narrative"]
    assert [line.text for line in opened.lines] == [CANARIES["message"], CANARIES["reply"]]

    stolen = dump()

    assert str(report.pk).encode() in stolen
    for what, canary in CANARIES.items():
        assert not found(canary, stolen), what
    # What a row would hold of the file and of its clean copy, which is the same text.
    assert [file.size_bytes for file in opened.files] == [len(FILE)]
    assert not found(hashlib.sha256(FILE).hexdigest(), stolen)
    kept = [value for table, _, value in every_value("intake") if table == "intake_attachment"]
    assert not {len(FILE), str(len(FILE)), "txt", "text/plain"} & set(map(_comparable, kept))


def _comparable(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value
