"""Promise 1: a database dump shows no content of a report in any encoding."""

import pytest
from django.test import Client

from accounts.models import User
from intake import access, reading
from intake.models import Report
from tests.intake.attacker import dump, found
from tests.intake.zone import Reporter

CANARIES = {
    "accounts": "zinnober-kanarienvogel",
    "person": "Канарейка Киноварь",
    "narrative": "vermilion canary of the narrative",
    "message": "vermilion canary of a message",
    "reply": "vermilion canary of a reply",
    "summary": "vermilion canary of a summary",
    "name": "Maryam Vermilion Canary",
    "contact": "vermilion canary of a contact",
}


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
    other = reporter.__class__(reporter.socket)
    other.answer_questions(narrative=CANARIES["narrative"], name=CANARIES["name"])
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
