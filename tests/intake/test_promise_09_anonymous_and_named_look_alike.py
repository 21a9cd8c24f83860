"""Promise 9: whether a report says who sent it shows in no row, size, page or step."""

import re
from collections import Counter
from itertools import combinations
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from intake import access, envelopes, proofs, submission
from intake.models import Report
from intake.receipts import Receipt, Script
from intake.submission import Answers
from intake.vault import requests, sealing
from intake.vault.giving import NOBODY, WhoSomebodyIs
from tests.conftest import sign_in
from tests.intake.attacker import every_value
from tests.intake.conftest import MARYAM, send
from tests.intake.vault_builders import released
from tests.intake.zone import Reporter, Zone, as_the_zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
LONGEST = WhoSomebodyIs(name="Ж" * 250, contact="𐌸" * 250, account="я" * 250)


def shape_of(report: Report) -> Counter[tuple[str, str, int]]:
    """Table, column and length of everything stored, which all belongs to one report."""
    return Counter(
        (table, column, len(value))
        for table, column, value in every_value("intake")
        if isinstance(value, bytes | memoryview) and table.startswith("intake_identity")
    )


def test_rows_and_sizes_are_the_same(vault: list[User]) -> None:
    """Shown to fail by sealing with `envelopes.seal_bytes` at the text's own size, and by
    storing nothing for `NOBODY`."""
    shapes = []
    for identity in (NOBODY, MARYAM, LONGEST):
        _, report = send(identity=identity)
        shapes.append(shape_of(report))
        Report.objects.using("owner").all().delete()
    assert shapes[0] == shapes[1] == shapes[2]
    assert sum(shapes[0].values()) == 1 + 2 * len(list(combinations(vault, 2)))


def test_no_identity_is_larger_than_the_one_size() -> None:
    with pytest.raises(envelopes.TooLong):
        sealing.seal_identity(
            envelopes.new_key(),
            "x" * (sealing.LARGEST_IDENTITY_BYTES + 1),
            envelopes.Place("t", "c", *[uuid4()] * 2),
        )


def steps_of(identity: WhoSomebodyIs, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to send a report, in order: statements, and each sealing with its size.

    The same steps over the same sizes take the same time. A clock would only measure noise.
    """
    steps: list[str] = []
    for name in ("seal_to", "seal_bytes"):
        real = getattr(envelopes, name)

        def noted(*values: object, real: object = real, name: str = name) -> bytes:
            sealed: bytes = real(*values)  # type: ignore[operator]  # it is one of the two above
            steps.append(f"{name} {len(sealed)}")
            return sealed

        monkeypatch.setattr(envelopes, name, noted)
    answers = Answers("relay.example/a", "back", "Somebody", "I saw it.", ("ru",), identity)
    with as_the_zone(), CaptureQueriesContext(connection) as caught:
        submission.submit(answers=answers, script=Script.WORDS, challenge=proofs.new_challenge())
    monkeypatch.undo()
    return steps + [re.sub(r"'[^']*'", "?", query["sql"]) for query in caught]


def test_the_same_steps_are_taken(vault: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown to fail by returning early from `giving.give` for `NOBODY`."""
    anonymous, named = (steps_of(identity, monkeypatch) for identity in (NOBODY, MARYAM))
    assert anonymous == named
    assert sum(step.startswith("seal_to") for step in named) == 1 + 6


def test_the_desks_pages_are_the_same(vault: list[User], coordinator: User, client: Client) -> None:
    sign_in(client, coordinator)
    pages = []
    for identity in (NOBODY, MARYAM):
        _, report = send(identity=identity)
        access.claim(actor=coordinator, report=report)
        requests.ask(actor=coordinator, report=report, reason="Why", message="Why")
        shown = [
            client.get(reverse("intake:report", args=[report.pk])),
            client.get(reverse("intake:identity", args=[report.pk])),
            client.post(reverse("intake:read", args=[report.pk]), {"reason": "To compare"}),
        ]
        sign_in(client, vault[0])
        shown.append(client.get(reverse("intake:custodians")))
        sign_in(client, coordinator)
        pages.append([_plain(page.content.decode()) for page in shown])
        Report.objects.using("owner").filter(pk=report.pk).delete()
    assert pages[0] == pages[1]


def test_the_reporters_pages_are_the_same_but_for_what_they_typed(
    vault: list[User], zone: Zone
) -> None:
    seen = []
    for identity in ({}, {"name": "Maryam"}):
        reporter = zone.reporter()
        receipt = reporter.report(**identity)
        sent = reporter.page
        reporter.open_inbox(receipt)
        seen.append((_plain(sent), _plain(reporter.page)))
    assert seen[0] == seen[1]


def test_nobody_can_tell_before_it_is_opened_and_then_the_requester_can(
    vault: list[User], coordinator: User
) -> None:
    for identity in (NOBODY, MARYAM):
        _, report = send(identity=identity)
        access.claim(actor=coordinator, report=report)
        asked: tuple[object, Receipt] = requests.ask(
            actor=coordinator, report=report, reason="Why", message="Why"
        )
        request = released(report.identity_requests.get(), *vault[1:])
        opened = requests.open_identity(actor=coordinator, request=request, words=str(asked[1]))
        assert opened == identity


def test_without_three_custodians_nobody_is_asked(reporter: Reporter) -> None:
    """Shown to fail by asking whoever comes."""
    reporter.answer_questions()
    assert "Who you are" not in reporter.page
    assert 'name="answer"' in reporter.page
    assert "Question 6 of 6" in reporter.page
    assert "We never ask for your name" in reporter.page
    reporter.post("/en/form/", step="identity", name="Maryam")
    reporter.get("/en/form/")
    assert "Maryam" not in reporter.page


def test_with_them_the_question_is_there_and_says_what_is_kept(
    vault: list[User], reporter: Reporter
) -> None:
    reporter.answer_questions(name="Maryam Vermilion")
    assert "Question 7 of 7" in reporter.page
    assert "Maryam Vermilion" in reporter.page
    assert "We never ask for your name" not in reporter.page
    reporter.post("/en/form/", step="check", back="1")
    reporter.get("/en/form/")
    assert "Do you want to tell us who you are?" in reporter.page
    assert "24 hours to object" in reporter.page
    assert "Maryam Vermilion" in reporter.page


def _plain(page: str) -> str:
    """A page without its tokens, ids and times."""
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", page)
    return re.sub(r'value="\w{64}"|\d\d:\d\d(:\d\d)?Z?|\w{64}', "", page)
