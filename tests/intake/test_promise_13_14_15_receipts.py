"""Promises 13 to 15: a receipt is strong and kept nowhere; every wrong one gets one answer."""

import math
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from intake import inbox, receipts, terms
from intake.models import AttemptCount, Report
from intake.receipts import NotAReceipt, Receipt, Script
from tests.intake.attacker import dump, every_value, found
from tests.intake.zone import Reporter, Zone, as_the_zone

with_zone = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def test_both_scripts_hold_128_bits() -> None:
    assert len(receipts.word_list()) == len(set(receipts.word_list())) == 7776
    assert receipts.WORDS * math.log2(7776) >= 128
    assert receipts.DIGITS * math.log2(10) >= 128


@pytest.mark.parametrize("script", list(Script))
def test_a_receipt_is_read_as_people_type_it(script: Script) -> None:
    receipt = receipts.issue(script)
    for typed in (
        str(receipt),
        str(receipt).upper(),
        "  " + ",\n".join(receipt.parts) + ". ",
        str(receipt).replace(" ", "\u00a0"),
    ):
        assert receipts.parse(typed) == receipt
    assert receipt.script == script


def test_digits_of_other_scripts_are_read() -> None:
    receipt = receipts.issue(Script.DIGITS)
    eastern = str(receipt).translate({ord("0") + n: 0x06F0 + n for n in range(10)})
    assert receipts.parse(eastern) == receipt
    assert receipts.parse(eastern.replace(" ", "")) == receipt


@pytest.mark.parametrize("typed", ["", "one two three", "1" * 38, "1" * 40, "x " * 10, "\0"])
def test_anything_else_is_no_receipt(typed: str) -> None:
    with pytest.raises(NotAReceipt):
        receipts.parse(typed)


@given(typed=st.text(max_size=300))
def test_whatever_is_typed_is_a_receipt_or_is_refused(typed: str) -> None:
    try:
        receipt = receipts.parse(typed)
    except NotAReceipt:
        return
    assert receipts.parse(str(receipt)) == receipt


def test_a_receipt_shows_in_no_repr() -> None:
    receipt = receipts.issue(Script.WORDS)
    assert str(receipt) not in repr(receipt)
    assert str(receipt.parts) not in repr(receipt)


@with_zone
def test_a_receipt_is_in_no_address_log_cookie_or_dump(zone: Zone, reporter: Reporter) -> None:
    """Shown to fail by adding the receipt to the address that the form redirects to."""
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    everywhere = "\n".join([*reporter.visited, zone.log.read_text(), *reporter.cookies.values()])
    for part in receipt.split():
        assert not re.search(rf"\b{re.escape(part)}\b", everywhere)
    assert not found(receipt, dump())


@with_zone
def test_a_receipt_is_shown_until_it_is_typed_back_and_never_again(reporter: Reporter) -> None:
    receipt = reporter.report()
    assert "Thank you" in reporter.page
    reporter.get("/en/form/")
    assert f"<li>{receipt.split()[0]}</li>" not in reporter.page
    assert "Question 1" in reporter.page


@with_zone
def test_wrong_deleted_and_expired_receipts_get_one_answer(zone: Zone) -> None:
    """Shown to fail by answering what has not the form of a receipt without the same words."""
    deleted, expired, kept = (zone.reporter().report() for _ in range(3))
    for gone in (deleted, expired):
        with as_the_zone():
            inbox.delete(inbox.open_with(receipts.parse(gone)))
    answers = set()
    for typed in (deleted, expired, str(receipts.issue(Script.WORDS)), "no receipt at all"):
        visitor = zone.reporter()
        response = visitor.open_inbox(typed)
        answers.add((response.status_code, _without_what_was_typed(response.text, typed)))
    assert len(answers) == 1
    assert zone.reporter().open_inbox(kept).status_code == 200


@with_zone
def test_very_many_guesses_cost_a_sum_each_and_store_no_address(zone: Zone) -> None:
    """Shown to fail by not counting in `views.inbox._enter`.

    Nobody is locked out: with the sum, a right receipt still opens.
    """
    receipt = zone.reporter().report()
    guesser = zone.reporter()
    guesser.headers = {"X-Forwarded-For": "203.0.113.77", "User-Agent": "Guesser/1"}
    for _ in range(terms.FREE_RECEIPT_TRIES_PER_WINDOW):
        guesser.open_inbox(str(receipts.issue(Script.WORDS)))
    counted = AttemptCount.objects.using("owner").get(kind="receipt").attempts
    assert counted == terms.FREE_RECEIPT_TRIES_PER_WINDOW

    visitor = zone.reporter()
    without = visitor.open_inbox(receipt)
    assert without.status_code == 422
    assert "How much is" in visitor.page
    opened = visitor.follow(visitor.post("/en/inbox/", receipt=receipt, answer=visitor.sum()))
    assert opened.status_code == 200
    assert "Messages" in visitor.page

    stolen = dump()
    assert not found("203.0.113.77", stolen)
    assert not found("Guesser/1", stolen)


@with_zone
def test_messages_sent_at_once_are_all_kept_and_counted(zone: Zone) -> None:
    """Shown to fail by leaving the lock of the report's row out of `intake_write`."""
    receipt = zone.reporter().report()
    first = zone.reporter()
    first.open_inbox(receipt)
    windows = [Reporter(first.socket, cookies=dict(first.cookies), page=first.page) for _ in "1234"]
    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(w.post, "/en/inbox/", act="write", text="Again") for w in windows]
        assert {future.result().status_code for future in sent} == {302}
    page = first.get("/en/inbox/").text
    assert page.count("Again") == 4
    assert "Messages are missing" not in page


@with_zone
def test_an_open_inbox_writes_and_deletes(sent: tuple[Receipt, Report], coordinator: User) -> None:
    with as_the_zone():
        opened = inbox.open_with(sent[0])
        inbox.write(opened, "One more thing")
        assert [line.text for line in inbox.read(opened).lines] == ["One more thing"]
        inbox.delete(opened)
        with pytest.raises(inbox.NothingThere):
            inbox.read(opened)
    left = {table for table, _, _ in every_value("intake")}
    assert left <= {"intake_keyepoch", "intake_spentchallenge"}


def _without_what_was_typed(page: str, typed: str) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
    return page.replace(typed, "")
