"""Send a report: seal what was typed, and hand out the receipt.

This is the last moment the process knows the report. It keeps no key that opens it again.
"""

import json
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from intake import envelopes, epochs, partners, proofs, receipts
from intake.attachments import arrivals
from intake.attachments.arrivals import Folder
from intake.envelopes import Place
from intake.models import KeyWrap, Report
from intake.receipts import Receipt, Script
from intake.vault import giving, roster


@dataclass(frozen=True, slots=True, repr=False)
class Answers:
    """What a reporter typed, in the words they used."""

    accounts: str
    why: str
    person: str
    narrative: str
    languages: tuple[str, ...]
    identity: giving.WhoSomebodyIs = giving.NOBODY


@transaction.atomic
def submit(
    *,
    answers: Answers,
    script: Script,
    challenge: proofs.Challenge,
    partner_code: str = "",
    files: Folder | None = None,
) -> Receipt:
    """Store a sealed report and return its receipt, which nothing can show again.

    Files that were added before are sealed under the key of this report already. Who somebody
    is never falls under it. The challenge and the partner's code are spent in the same
    transaction: each sends one report. Raises `proofs.AlreadySpent`, `partners.UnknownCode`,
    `epochs.NoEpoch` where no keys were made, and `roster.NoCustodians`.
    """
    proofs.spend(challenge)
    if partner_code:
        partners.spend(partner_code)
    epoch = epochs.current_epoch(settings.INTAKE_PUBLIC_KEYS)
    receipt = receipts.issue(script)
    report_key = files.key if files else envelopes.new_key()
    report_id = files.report if files else uuid.uuid4()

    def sealed(column: str, text: str) -> bytes:
        return envelopes.seal(report_key, text, report_place(report_id, column))

    report = Report(
        id=report_id,
        lookup_digest=receipts.lookup_digest(receipt.lookup_id()),
        from_partner=bool(partner_code),
        accounts=sealed("accounts", json.dumps({"accounts": answers.accounts, "why": answers.why})),
        person=sealed("person", answers.person),
        narrative=sealed("narrative", answers.narrative),
        languages=sealed("languages", json.dumps(answers.languages)),
        summary=sealed("summary", ""),
        message_count=sealed("message_count", "0"),
    )
    report.save(force_insert=True)
    for holder in KeyWrap.Holder:
        row = uuid.uuid4()
        place = wrap_place(report_id, row)
        if holder == KeyWrap.Holder.DESK:
            wrapped = envelopes.wrap_for_desk(report_key, epoch.public_key, epoch.kid, place)
        else:
            reporter_key = receipt.reporter_key(epoch.pepper)
            wrapped = envelopes.wrap_for_reporter(report_key, reporter_key, epoch.kid, place)
        KeyWrap(id=row, report_id=report_id, holder=holder, kid=epoch.kid, wrapped=wrapped).save(
            force_insert=True
        )
    if files:
        arrivals.adopt(files)
    giving.give(
        report=report_id,
        identity=answers.identity,
        custodians=roster.published(settings.INTAKE_PUBLIC_KEYS),
    )
    return receipt


def report_place(report: uuid.UUID, column: str) -> Place:
    """Where a sealed column of a report lies."""
    return Place("intake_report", column, report, report)


def message_place(report: uuid.UUID, message: uuid.UUID, number: int, *, from_desk: bool) -> Place:
    """Where the text of a message lies. Who wrote it is bound too: no side speaks as the other."""
    column = "text:desk" if from_desk else "text:reporter"
    return Place("intake_message", column, report, message, number)


def wrap_place(report: uuid.UUID, row: uuid.UUID) -> Place:
    """Where a wrap of a report's key lies."""
    return Place("intake_keywrap", "wrapped", report, row)
