"""The vault of these tests: three custodians with keys, requests, a release, legal holds."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.actors import COMMAND_LINE
from accounts.models import User
from accounts.roles import Role
from intake import envelopes, holds, rotation
from intake.columns import today
from intake.models import CustodianKey, IdentityRequest, LegalHold, Report
from intake.rotation import Folders
from intake.vault import ceremony, custodians, passphrases, requests
from tests.conftest import person

PASSPHRASE = "a vault passphrase of the walk"


def _key() -> CustodianKey:
    private, public = envelopes.new_key_pair()
    key = CustodianKey(state=CustodianKey.State.ACTIVE, public_key=public)
    lock = passphrases.lock(private, PASSPHRASE, key=key.pk)
    key.locked_private, key.salt = lock.locked, lock.salt
    key.memory_kib, key.passes = lock.memory_kib, lock.passes
    return key


# Made once, so that reports can be sealed for them before anybody of the desk exists.
KEYS = [_key() for _ in range(3)]


def enrol(users: list[User]) -> None:
    """Give each of three people one of the keys that the reports were sealed for."""
    for key, user in zip(KEYS, users, strict=True):
        values = {name: getattr(key, name) for name in LOCKED}
        CustodianKey.objects.create(pk=key.pk, user=user, **values)


LOCKED = ("state", "public_key", "locked_private", "salt", "memory_kib", "passes")


def make_hold_epoch() -> None:
    folders = Folders(Path(settings.INTAKE_PUBLIC_KEYS), Path(settings.INTAKE_PRIVATE_KEYS))
    rotation.begin_hold(actor=COMMAND_LINE, folders=folders)


def request_of(coordinator: User, report: Report) -> tuple[IdentityRequest, str]:
    """A request that custodians may answer at once, and the words that open its release."""
    request, words = requests.ask(
        actor=coordinator,
        report=report,
        reason="A court asks",
        message="A court asks us.",
        emergency_reason="Danger to a life",
    )
    return request, str(words)


def release_of(coordinator: User, report: Report, agreeing: list[User]) -> tuple[Any, str]:
    request, words = request_of(coordinator, report)
    for custodian in agreeing:
        requests.approve(actor=custodian, request=request, passphrase=PASSPHRASE)
    return request, words


def waiting_key() -> CustodianKey:
    """The key of a newcomer whom nobody has begun to admit."""
    return custodians.enrol(actor=person("A newcomer", Role.CUSTODIAN), passphrase=PASSPHRASE)


def begun_key(first: User, second: User) -> CustodianKey:
    return ceremony.begin(actor=first, candidate=waiting_key(), second=second)


def proposed_hold(coordinator: User, report: Report) -> LegalHold:
    return holds.propose(
        actor=coordinator,
        report=report,
        reason="Preservation order 12",
        ends_on=today() + timedelta(days=30),
    )


def hold_in_force(coordinator: User, report: Report, counsel: User) -> LegalHold:
    return holds.agree(actor=counsel, hold=proposed_hold(coordinator, report))
