"""Admit a further custodian: two others reseal every live identity, each in their own time.

The first gives each custodian a new random half, and the newcomer theirs laid over the first
one's half. The second gives the newcomer their half. Laid together, the newcomer's two parts
make the pair's other half: at no moment does a program hold an identity's key, and the newcomer
alone holds random bytes. Each pass goes in batches of their own transactions, and goes on where
it was interrupted.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from intake.models.vault import CustodianKey, Identity, IdentityShare
from intake.vault import custodians, roster, sealing
from intake.vault.custodians import Unlocked
from intake.vault.giving import new_share, share_place
from intake.vault.refusals import CannotReseal

State = CustodianKey.State
Part = IdentityShare.Part
BATCH = 200


@dataclass(frozen=True, slots=True)
class Missing:
    """How many identities each of the two still has to reseal for a newcomer."""

    first: int
    second: int

    @property
    def none(self) -> bool:
        return self.first == self.second == 0


@transaction.atomic
def begin(*, actor: User, candidate: CustodianKey, second: User) -> CustodianKey:
    """Agree to admit a newcomer, as the first of two, and name the second.

    Nothing is resealed yet. Raises `NotAllowed` or `CannotReseal`.
    """
    custodians.lock_custodians()
    custodians.must_be_custodian(actor)
    held = CustodianKey.objects.select_related("user").get(pk=candidate.pk)
    in_force = CustodianKey.objects.active()
    if held.state != State.WAITING or held.first_resealer_id is not None:
        raise CannotReseal("This ceremony has begun already.").about(held)
    if len({actor.pk, second.pk, held.user_id}) != 3:
        raise CannotReseal("Two other custodians reseal for a third.").about(held)
    if any(not in_force.filter(user=person).exists() for person in (actor, second)):
        raise CannotReseal("Both who reseal need a key in force.").about(held)
    if CustodianKey.objects.filter(
        first_resealer__isnull=False, state__in=[State.WAITING, State.JOINING]
    ).exists():
        raise CannotReseal("Another newcomer is being admitted. End that ceremony first.")
    held.first_resealer, held.second_resealer = actor, second
    held.save(update_fields=["first_resealer", "second_resealer"])
    audit.record(
        actor=actor,
        verb="begin_admission",
        target=held,
        about=[held.user, second],
        changes={"second": second.pk},
    )
    return held


def reseal(*, actor: User, candidate: CustodianKey, passphrase: str) -> int:
    """Reseal what is missing for a newcomer, as the first or the second. Return how many.

    Run it again at any time. Raises `NotAllowed`, `WrongPassphrase` or `CannotReseal`.
    """
    held = CustodianKey.objects.select_related("user").get(pk=candidate.pk)
    if held.state not in (State.WAITING, State.JOINING):
        raise CannotReseal("Nothing is left to reseal for this key.").about(held)
    if actor.pk not in (held.first_resealer_id, held.second_resealer_id):
        raise CannotReseal("Two other custodians were named for this.").about(held)
    unlocked = custodians.unlock(actor, passphrase)
    is_first = actor.pk == held.first_resealer_id
    if not is_first and held.state == State.WAITING:
        _join(actor, held)
    next_batch = _first_batch if is_first else _second_batch
    resealed = 0
    while batch := next_batch(actor, held, unlocked):
        resealed += batch
    settle(actor=actor, candidate=held)
    return resealed


@transaction.atomic
def settle(*, actor: Actor, candidate: CustodianKey) -> bool:
    """Bring a newcomer into force once everything is resealed and new reports are sealed for it.

    Their older key, if any, ends with it. Return whether that happened.
    """
    custodians.lock_custodians()
    held = CustodianKey.objects.get(pk=candidate.pk)
    known = {one.key for one in roster.published(Path(settings.INTAKE_PUBLIC_KEYS))}
    if held.state != State.JOINING or held.pk not in known or not missing(held).none:
        return False
    custodians.move(held, State.ACTIVE)
    for old in CustodianKey.objects.active().filter(user=held.user).exclude(pk=held.pk):
        custodians.move(old, State.ENDED)
    audit.record(actor=actor, verb="admit_custodian", target=held, about=[held.user])
    custodians.forget_ended()
    return True


def missing(candidate: CustodianKey) -> Missing:
    """Count what each of the two still has to reseal."""
    return Missing(_without_first(candidate).count(), _without_second(candidate).count())


@transaction.atomic
def _join(actor: User, candidate: CustodianKey) -> None:
    """With the second's agreement, new reports may be sealed for the newcomer too."""
    custodians.lock_custodians()
    custodians.move(candidate, State.JOINING)
    audit.record(actor=actor, verb="agree_admission", target=candidate, about=[candidate.user])


@transaction.atomic
def _first_batch(actor: User, candidate: CustodianKey, unlocked: Unlocked) -> int:
    second = CustodianKey.objects.active().get(user=candidate.second_resealer)
    partners = CustodianKey.objects.active().exclude(user=candidate.user)
    newcomer = candidate.as_custodian
    batch = _next_of(_without_first(candidate))
    halves = halves_of(batch, unlocked)
    made = []
    for identity in batch:
        mine = halves[identity.pk][second.pk]
        for partner in (key.as_custodian for key in partners):
            fresh, over = sealing.split(mine)
            at = (identity.report_id, identity.pk)
            made.append(new_share(*at, fresh, key=partner, partner=newcomer.key))
            made.append(new_share(*at, over, key=newcomer, partner=partner.key, part=Part.FIRST))
    return _keep(actor, candidate, batch, made, Part.FIRST)


@transaction.atomic
def _second_batch(actor: User, candidate: CustodianKey, unlocked: Unlocked) -> int:
    first = CustodianKey.objects.active().get(user=candidate.first_resealer)
    newcomer = candidate.as_custodian
    batch = _next_of(_without_second(candidate))
    halves = halves_of(batch, unlocked)
    begun = IdentityShare.objects.filter(identity__in=batch, key=candidate.pk, part=Part.FIRST)
    reports = {identity.pk: identity.report_id for identity in batch}
    made = [
        new_share(
            reports[share.identity_id],
            share.identity_id,
            halves[share.identity_id][first.pk],
            key=newcomer,
            partner=share.partner,
            part=Part.SECOND,
        )
        for share in begun
    ]
    return _keep(actor, candidate, batch, made, Part.SECOND)


def halves_of(identities: list[Identity], unlocked: Unlocked) -> dict[UUID, dict[UUID, bytes]]:
    """Open a custodian's halves of some identities: by identity, then by the pair's partner."""
    parts: dict[tuple[UUID, UUID], list[bytes]] = defaultdict(list)
    reports = {identity.pk: identity.report_id for identity in identities}
    shares = IdentityShare.objects.filter(identity__in=identities, key=unlocked.key.pk)
    for share in shares:
        opened = sealing.open_share(
            bytes(share.sealed),
            unlocked.private,
            place=share_place(reports[share.identity_id], share.pk, share.part),
            key=share.key,
            partner=share.partner,
        )
        parts[share.identity_id, share.partner].append(opened)
    halves: dict[UUID, dict[UUID, bytes]] = defaultdict(dict)
    for (identity, partner), opened_parts in parts.items():
        halves[identity][partner] = sealing.joined(*opened_parts)
    return halves


def _keep(
    actor: User,
    candidate: CustodianKey,
    batch: list[Identity],
    made: list[IdentityShare],
    part: IdentityShare.Part,
) -> int:
    if batch:
        IdentityShare.objects.bulk_create(made)
        audit.record(
            actor=actor,
            verb="reseal_identities",
            target=candidate,
            changes={"identities": len(batch), "part": part.value},
        )
    return len(batch)


def _next_of(wanted: QuerySet[Identity]) -> list[Identity]:
    """The next batch, with its reports locked: none is deleted while it is resealed."""
    locked = wanted.select_related("report").select_for_update(of=("report",), no_key=True)
    return list(locked.order_by("pk")[:BATCH])


def _without_first(candidate: CustodianKey) -> QuerySet[Identity]:
    any_share = IdentityShare.objects.filter(identity=OuterRef("pk"), key=candidate.pk)
    return Identity.objects.filter(~Exists(any_share))


def _without_second(candidate: CustodianKey) -> QuerySet[Identity]:
    own = IdentityShare.objects.filter(identity=OuterRef("pk"), key=candidate.pk)
    return Identity.objects.filter(
        Exists(own.filter(part=Part.FIRST)), ~Exists(own.filter(part=Part.SECOND))
    )
