"""Custodians: enrol with a passphrase, leave, and be known to the reports' side.

Three are the least. What the reports' side seals for is a file that only the command line
writes (`publish`): whoever can write the database adds no key to it.
"""

from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import NotAllowed
from intake import envelopes
from intake.columns import today
from intake.envelopes import NotOpened
from intake.models.vault import KEY_TRANSITIONS, CustodianKey
from intake.vault import passphrases, roster
from intake.vault.passphrases import Lock
from intake.vault.refusals import CannotEnrol, TooFewCustodians, WrongPassphrase
from intake.vault.roster import LEAST_CUSTODIANS, Custodian

State = CustodianKey.State
APPROVE = "intake.approve_identity_release"


@dataclass(frozen=True, slots=True, repr=False)
class Unlocked:
    """A custodian's key with its private half, for one act."""

    key: CustodianKey
    private: bytes


@transaction.atomic
def enrol(*, actor: User, passphrase: str) -> CustodianKey:
    """Make the actor's key pair. The passphrase is stored nowhere, and nobody can restore it.

    The first three keys are in force at once. A later one, and a new key of somebody whose
    passphrase is lost, waits for two other custodians to reseal.
    Raises `NotAllowed` or `CannotEnrol`.
    """
    lock_custodians()
    must_be_custodian(actor)
    if len(passphrase) < passphrases.LEAST_CHARACTERS:
        raise CannotEnrol(f"Take at least {passphrases.LEAST_CHARACTERS} characters.")
    if CustodianKey.objects.filter(user=actor, state__in=[State.WAITING, State.JOINING]).exists():
        raise CannotEnrol("A key of yours waits for two custodians. Remove it to make another.")
    is_first = people_in_force() < LEAST_CUSTODIANS
    before = list(CustodianKey.objects.active().filter(user=actor)) if is_first else []
    private, public = envelopes.new_key_pair()
    key = CustodianKey(
        user=actor, state=State.ACTIVE if is_first else State.WAITING, public_key=public
    )
    lock = passphrases.lock(private, passphrase, key=key.pk)
    key.locked_private = lock.locked
    key.salt, key.memory_kib, key.passes = lock.salt, lock.memory_kib, lock.passes
    key.save(force_insert=True)
    for old in before:
        move(old, State.ENDED)
    audit.record(actor=actor, verb="enrol_custodian", target=key, changes={"state": key.state})
    return key


def unlock(actor: User, passphrase: str) -> Unlocked:
    """Unlock the actor's key in force. Raises `NotAllowed` or `WrongPassphrase`."""
    must_be_custodian(actor)
    key = CustodianKey.objects.active().filter(user=actor).first()
    if key is None:
        raise NotAllowed("You have no key in force. Enrol, and have two custodians reseal.")
    lock = Lock(bytes(key.locked_private), bytes(key.salt), key.memory_kib, key.passes)
    try:
        return Unlocked(key, passphrases.unlock(lock, passphrase, key=key.pk))
    except NotOpened as error:
        raise WrongPassphrase(
            "This passphrase does not unlock your key. Nobody can restore one that is lost: "
            "enrol again, and have two custodians reseal."
        ).about(key) from error


@transaction.atomic
def remove(*, actor: User, key: CustodianKey, reason: str) -> None:
    """End a key: of somebody who left, or that waits in vain. Its shares go with it.

    Raises `NotAllowed`, and `TooFewCustodians` where fewer than three people would be left.
    """
    lock_custodians()
    must_be_custodian(actor)
    held = CustodianKey.objects.get(pk=key.pk)
    if held.user != actor and not CustodianKey.objects.active().filter(user=actor).exists():
        raise NotAllowed("Only custodians with a key in force remove somebody else's.")
    others = CustodianKey.objects.active().exclude(pk=held.pk)
    left = others.values("user").distinct().count()
    if held.state == State.ACTIVE and left < LEAST_CUSTODIANS:
        raise TooFewCustodians(
            f"{left} custodians would be left, and {LEAST_CUSTODIANS} are the least. Admit "
            "another one first."
        ).about(held)
    move(held, State.ENDED)
    audit.record(
        actor=actor, verb="remove_custodian", target=held, about=[held.user], reason=reason
    )
    forget_ended()


@transaction.atomic
def publish(*, actor: Actor, directory: Path) -> list[Custodian]:
    """Tell the reports' side whom to seal for. Return the list, with fingerprints to compare.

    Raises `TooFewCustodians`.
    """
    lock_custodians()
    listed = sealed_for()
    if len(listed) < LEAST_CUSTODIANS:
        raise TooFewCustodians(
            f"{len(listed)} custodians have enrolled, and {LEAST_CUSTODIANS} are the least."
        )
    for key in CustodianKey.objects.filter(pk__in=[one.key for one in listed]):
        audit.record(actor=actor, verb="publish_custodian", target=key, about=[key.user])
    forget_ended()
    roster.publish(directory, listed)
    return listed


def is_published(directory: Path) -> bool:
    """Tell whether the reports' side seals for exactly the keys it should."""
    return {one.key for one in roster.published(directory)} == {one.key for one in sealed_for()}


def sealed_for() -> list[Custodian]:
    return [key.as_custodian for key in CustodianKey.objects.sealed_for().order_by("pk")]


def people_in_force() -> int:
    """How many people have a key in force."""
    return CustodianKey.objects.active().values("user").distinct().count()


def must_be_custodian(actor: User) -> None:
    if not actor.has_perm(APPROVE):
        raise NotAllowed("Only custodians do this. Two administrators grant the role.")


def move(key: CustodianKey, state: CustodianKey.State) -> None:
    """Bring a key into a state that the table of transitions holds. Raises `CannotEnrol`."""
    if state not in KEY_TRANSITIONS[State(key.state)]:
        raise CannotEnrol(f"A key that is {key.get_state_display().lower()} has no such step.")
    key.state = state
    if state == State.ENDED:
        key.ended_on = today()
    key.save(update_fields=["state", "ended_on"])


def forget_ended() -> None:
    """Delete the shares of keys that have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_forget_ended_custodians()")


def lock_custodians() -> None:
    """Let one change of who is a custodian happen at a time. The guards take the same lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('intake: the custodians'))")
