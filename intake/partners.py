"""Partner organisations: vetted, and given codes to hand to people they trust.

A report that comes with a code is shown first. The code says that a partner vouches and
nothing else: it is kept as a hash until it is used, then its row is deleted, and the report
keeps neither the code nor the partner.
"""

import base64
import hashlib
import re
import secrets

from django.db import connection, transaction

from accounts import audit
from accounts.actors import Actor
from accounts.refusals import Refusal
from intake.columns import today
from intake.models import PartnerCode, PartnerOrganisation

CODE_BYTES = 20
LETTERS_IN_A_GROUP = 4


class NoSuchPartner(Refusal):
    """An organisation that was never vetted, or is none of ours any more."""

    code = "no_such_partner"


class UnknownCode(Exception):
    """A code that was never issued, was used, or whose partner is ended."""


@transaction.atomic
def vet(*, actor: Actor, name: str, reason: str) -> PartnerOrganisation:
    """Take an organisation in, for a reason that stays on record."""
    partner = PartnerOrganisation.objects.create(name=name, reason=reason)
    audit.record(actor=actor, verb="vet_partner", target=partner, reason=reason)
    return partner


@transaction.atomic
def issue(*, actor: Actor, name: str, count: int) -> list[str]:
    """Draw codes of 160 bits for a partner. This is the only time they are known."""
    partner = _in_force(name)
    drawn = [secrets.token_bytes(CODE_BYTES) for _ in range(count)]
    PartnerCode.objects.bulk_create(
        PartnerCode(digest=hashlib.sha256(code).digest(), organisation=partner) for code in drawn
    )
    audit.record(actor=actor, verb="issue_codes", target=partner, changes={"count": count})
    return [_as_text(code) for code in drawn]


@transaction.atomic
def end(*, actor: Actor, name: str, reason: str) -> int:
    """Part from an organisation. Its unused codes are void; return how many they were."""
    partner = _in_force(name)
    partner.ended_on = today()
    partner.save(update_fields=["ended_on"])
    void, _ = partner.codes.all().delete()
    audit.record(
        actor=actor, verb="end_partner", target=partner, changes={"void": void}, reason=reason
    )
    return void


def spend(typed: str) -> None:
    """Use a code up, in the transaction of the report it comes with. Raises `UnknownCode`."""
    letters = re.sub(r"[\s-]", "", typed).upper()
    try:
        code = base64.b32decode(letters)
    except ValueError as error:
        raise UnknownCode from error
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_spend_code(%s)", [code])
        (spent,) = cursor.fetchone()
    if not spent:
        raise UnknownCode


def _in_force(name: str) -> PartnerOrganisation:
    partner = (
        PartnerOrganisation.objects.select_for_update()
        .filter(name=name, ended_on__isnull=True)
        .first()
    )
    if partner is None:
        raise NoSuchPartner(f"There is no partner called {name}. Vet it first.")
    return partner


def _as_text(code: bytes) -> str:
    letters = base64.b32encode(code).decode("ascii")
    starts = range(0, len(letters), LETTERS_IN_A_GROUP)
    return "-".join(letters[start : start + LETTERS_IN_A_GROUP] for start in starts)
