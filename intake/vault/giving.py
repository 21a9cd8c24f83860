"""Who somebody is, as the reports' side seals it: for pairs of custodians, and for nobody else.

An anonymous report goes the same way with empty words. Both have the same rows of the same
sizes, made by the same steps.
"""

import json
import uuid
from dataclasses import asdict, dataclass
from itertools import combinations

from intake import envelopes
from intake.envelopes import Place
from intake.models.vault import Identity, IdentityShare
from intake.vault import sealing
from intake.vault.roster import Custodian, NoCustodians


@dataclass(frozen=True, slots=True, repr=False)
class WhoSomebodyIs:
    """What a reporter says of themselves. It never shows in a repr."""

    name: str = ""
    contact: str = ""
    account: str = ""


NOBODY = WhoSomebodyIs()


def give(*, report: uuid.UUID, identity: WhoSomebodyIs, custodians: list[Custodian]) -> None:
    """Seal who sent a report, in the report's own transaction.

    Without custodians nothing is stored, and a report that says who sent it is refused with
    `NoCustodians`.
    """
    if not custodians:
        if identity != NOBODY:
            raise NoCustodians
        return
    identity_key = envelopes.new_key()
    row = uuid.uuid4()
    text = json.dumps(asdict(identity), ensure_ascii=False)
    content = sealing.seal_identity(identity_key, text, identity_place(report, row))
    Identity(id=row, report_id=report, content=content).save(force_insert=True)
    shares = []
    for one, other in combinations(custodians, 2):
        half, rest = sealing.split(identity_key)
        shares.append(new_share(report, row, half, key=one, partner=other.key))
        shares.append(new_share(report, row, rest, key=other, partner=one.key))
    IdentityShare.objects.bulk_create(shares)


def new_share(
    report: uuid.UUID,
    identity: uuid.UUID,
    half: bytes,
    *,
    key: Custodian,
    partner: uuid.UUID,
    part: IdentityShare.Part = IdentityShare.Part.WHOLE,
) -> IdentityShare:
    """Seal a half for one custodian, as an unsaved row."""
    row = uuid.uuid4()
    sealed = sealing.seal_share(
        half,
        key.public_key,
        place=share_place(report, row, part),
        key=key.key,
        partner=partner,
    )
    return IdentityShare(
        id=row, identity_id=identity, key=key.key, partner=partner, part=part, sealed=sealed
    )


def identity_place(report: uuid.UUID, row: uuid.UUID) -> Place:
    """Where a sealed identity lies."""
    return Place("intake_identity", "content", report, row)


def share_place(report: uuid.UUID, row: uuid.UUID, part: int) -> Place:
    """Where a share lies. Its part is bound too."""
    return Place("intake_identityshare", "sealed", report, row, part)
