"""Who becomes a custodian and who stops being one: promise 24's part for identities."""

from io import StringIO
from itertools import permutations

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, transaction

from accounts.actors import COMMAND_LINE
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from intake import access
from intake.models import Report
from intake.models.vault import CustodianKey, IdentityShare
from intake.receipts import Receipt
from intake.rotation import Folders
from intake.vault import ceremony, custodians, requests, roster
from intake.vault.refusals import CannotEnrol, CannotReseal, TooFewCustodians, WrongPassphrase
from tests.conftest import person
from tests.intake.conftest import MARYAM, PASSPHRASE, custodian, send
from tests.intake.vault_builders import released

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
State = CustodianKey.State


def publish(keys: Folders) -> list[roster.Custodian]:
    return custodians.publish(actor=COMMAND_LINE, directory=keys.public)


def newcomer(vault: list[User], name: str = "Dana Ek") -> CustodianKey:
    """A fourth person with a key, for whom the first two begin a ceremony."""
    key = custodians.enrol(actor=person(name, Role.CUSTODIAN), passphrase=PASSPHRASE)
    return ceremony.begin(actor=vault[0], candidate=key, second=vault[1])


def reseal(key: CustodianKey, *people: User) -> list[int]:
    return [ceremony.reseal(actor=who, candidate=key, passphrase=PASSPHRASE) for who in people]


def admitted(key: CustodianKey, vault: list[User], keys: Folders) -> CustodianKey:
    reseal(key, *vault[:2])
    publish(keys)
    ceremony.settle(actor=COMMAND_LINE, candidate=key)
    key.refresh_from_db()
    assert key.state == State.ACTIVE
    return key


def opens_for(coordinator: User, report: Report, *pair: User) -> bool:
    """Whether these two release the identity of a report."""
    request, words = requests.ask(
        actor=coordinator, report=report, reason="To check", message="To check"
    )
    released(request, *pair)
    opened = requests.open_identity(actor=coordinator, request=request, words=str(words))
    requests.withdraw(actor=coordinator, request=request)
    return opened == MARYAM


def test_the_first_three_count_at_once_and_fewer_are_not_published(
    keys: Folders, quick_locks: None
) -> None:
    for name in ("Ana Costa", "Bo Lind"):
        custodian(name)
        with pytest.raises(TooFewCustodians):
            publish(keys)
    assert roster.published(keys.public) == []
    custodian("Cem Aydin")
    assert len(publish(keys)) == 3
    assert set(CustodianKey.objects.values_list("state", flat=True)) == {State.ACTIVE}


def test_a_fourth_waits_and_opens_nothing_until_two_have_resealed(
    named: tuple[Receipt, Report], vault: list[User], keys: Folders, coordinator: User
) -> None:
    """Then every pair with the fourth opens what was sealed before they came, and after."""
    key = newcomer(vault)
    with pytest.raises(NotAllowed):
        custodians.unlock(key.user, PASSPHRASE)
    admitted(key, vault, keys)
    _, later = send(identity=MARYAM)
    for report in (named[1], later):
        access.claim(actor=coordinator, report=report)
        for other in vault:
            assert opens_for(coordinator, report, key.user, other)
        assert opens_for(coordinator, report, *vault[1:])


def test_an_interrupted_ceremony_goes_on(
    vault: list[User], keys: Folders, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail by ending `reseal` after its first batch."""
    for _ in range(5):
        send(identity=MARYAM)
    monkeypatch.setattr(ceremony, "BATCH", 2)
    key = newcomer(vault)
    held = CustodianKey.objects.get(pk=key.pk)
    assert ceremony._first_batch(vault[0], held, custodians.unlock(vault[0], PASSPHRASE)) == 2
    assert ceremony.missing(key) == ceremony.Missing(first=3, second=2)
    assert reseal(key, vault[0], vault[0]) == [3, 0]
    assert reseal(key, vault[1], vault[1]) == [5, 0]
    publish(keys)
    assert ceremony.settle(actor=COMMAND_LINE, candidate=key)
    for report in Report.objects.all():
        access.claim(actor=coordinator, report=report)
        assert opens_for(coordinator, report, key.user, vault[2])


def test_reports_that_come_in_meanwhile_are_resealed_too(
    named: tuple[Receipt, Report], vault: list[User], keys: Folders, coordinator: User
) -> None:
    """Shown to fail by bringing the newcomer into force while some are missing."""
    key = newcomer(vault)
    reseal(key, *vault[:2])
    _, meanwhile = send(identity=MARYAM)
    publish(keys)
    assert not ceremony.settle(actor=COMMAND_LINE, candidate=key)
    _, later = send(identity=MARYAM)
    assert reseal(key, *vault[:2]) == [1, 1]
    key.refresh_from_db()
    assert key.state == State.ACTIVE
    for report in (meanwhile, later):
        access.claim(actor=coordinator, report=report)
        assert opens_for(coordinator, report, vault[0], key.user)


def test_a_second_newcomer_is_resealed_for_by_the_first(
    named: tuple[Receipt, Report], vault: list[User], keys: Folders, coordinator: User
) -> None:
    """The newcomer's two parts serve like a whole half, and nobody's own half comes back."""
    fourth = admitted(newcomer(vault), vault, keys)
    key = custodians.enrol(actor=person("Eli Roth", Role.CUSTODIAN), passphrase=PASSPHRASE)
    key = ceremony.begin(actor=fourth.user, candidate=key, second=vault[2])
    admitted(key, [fourth.user, vault[2]], keys)
    access.claim(actor=coordinator, report=named[1])
    everyone = [*vault, fourth.user, key.user]
    for pair in permutations(everyone, 2):
        if key.user in pair:
            assert opens_for(coordinator, named[1], *pair)


def test_a_lost_passphrase_is_a_change_of_custodian(
    named: tuple[Receipt, Report], vault: list[User], keys: Folders, coordinator: User
) -> None:
    """Nobody ever holds both keys of a pair: the old key is left out of everything new."""
    forgetful = vault[2]
    with pytest.raises(WrongPassphrase):
        custodians.unlock(forgetful, "another passphrase, alas")
    key = custodians.enrol(actor=forgetful, passphrase="a new passphrase of theirs")
    ceremony.begin(actor=vault[0], candidate=key, second=vault[1])
    key.refresh_from_db()
    reseal(key, *vault[:2])
    listed = publish(keys)
    assert len(listed) == 3
    assert key.pk in {one.key for one in listed}
    pairs = IdentityShare.objects.filter(key=key.pk).values_list("partner", flat=True)
    old = CustodianKey.objects.get(user=forgetful, state=State.ACTIVE)
    assert old.pk not in set(pairs)

    assert ceremony.settle(actor=COMMAND_LINE, candidate=key)
    old.refresh_from_db()
    assert old.state == State.ENDED
    assert not IdentityShare.objects.filter(key=old.pk).exists()
    assert custodians.unlock(forgetful, "a new passphrase of theirs").key == key


def test_nobody_reseals_for_themselves_and_one_person_is_not_two(vault: list[User]) -> None:
    key = custodians.enrol(actor=person("Dana Ek", Role.CUSTODIAN), passphrase=PASSPHRASE)
    for actor, second in (
        (key.user, vault[0]),
        (vault[0], key.user),
        (vault[0], vault[0]),
        (vault[0], person("No Key Yet", Role.CUSTODIAN)),
    ):
        with pytest.raises(CannotReseal):
            ceremony.begin(actor=actor, candidate=key, second=second)
    ceremony.begin(actor=vault[0], candidate=key, second=vault[1])
    with pytest.raises(CannotReseal):
        reseal(key, vault[2])


def test_one_newcomer_after_the_other(vault: list[User]) -> None:
    newcomer(vault)
    with pytest.raises(CannotReseal, match="Another newcomer"):
        newcomer(vault, "Eli Roth")


def test_below_three_nobody_is_removed(vault: list[User], keys: Folders) -> None:
    """Shown to fail by leaving the count out of `remove` and dropping the trigger."""
    key = CustodianKey.objects.get(user=vault[2])
    with pytest.raises(TooFewCustodians):
        custodians.remove(actor=vault[0], key=key, reason="Left us")
    with pytest.raises(DatabaseError, match="Three custodians stay"), transaction.atomic():
        CustodianKey.objects.filter(pk=key.pk).update(state="ended", ended_on="2026-11-22")
    fourth = admitted(newcomer(vault), vault, keys)
    custodians.remove(actor=fourth.user, key=key, reason="Left us")
    assert not IdentityShare.objects.filter(partner=key.pk).exists()
    assert not custodians.is_published(keys.public)
    assert key.pk not in {one.key for one in publish(keys)}


def test_what_waits_is_removed_by_its_owner_who_may_then_enrol_anew(vault: list[User]) -> None:
    key = newcomer(vault)
    with pytest.raises(CannotEnrol):
        custodians.enrol(actor=key.user, passphrase=PASSPHRASE)
    custodians.remove(actor=key.user, key=key, reason="A mistake")
    custodians.enrol(actor=key.user, passphrase=PASSPHRASE)


def test_who_is_no_custodian_enrols_nothing(moderator: User, coordinator: User) -> None:
    for who in (moderator, coordinator):
        with pytest.raises(NotAllowed):
            custodians.enrol(actor=who, passphrase=PASSPHRASE)


def test_a_short_passphrase_is_refused(vault: list[User]) -> None:
    with pytest.raises(CannotEnrol):
        custodians.enrol(actor=person("Dana Ek", Role.CUSTODIAN), passphrase="short")


def test_each_step_is_on_record_and_none_holds_a_secret(
    named: tuple[Receipt, Report], vault: list[User], keys: Folders
) -> None:
    key = admitted(newcomer(vault), vault, keys)
    events = AuditEvent.objects.filter(object_id=str(key.pk))
    assert set(events.values_list("verb", flat=True)) == {
        "enrol_custodian",
        "begin_admission",
        "reseal_identities",
        "agree_admission",
        "publish_custodian",
        "admit_custodian",
    }
    written = str(list(AuditEvent.objects.values()))
    assert PASSPHRASE not in written
    assert MARYAM.name not in written


def test_the_command_publishes_and_shows_fingerprints(
    keys: Folders, quick_locks: None, vault: list[User]
) -> None:
    key = newcomer(vault)
    reseal(key, *vault[:2])
    said = StringIO()
    call_command("intake_custodians", "publish", stdout=said)
    call_command("intake_custodians", "status", stdout=said)
    key.refresh_from_db()
    assert key.state == State.ACTIVE
    assert key.as_custodian.fingerprint in said.getvalue()
    assert "In force, sealed for" in said.getvalue()


def test_the_command_publishes_no_two(keys: Folders, quick_locks: None) -> None:
    custodian("Ana Costa")
    custodian("Bo Lind")
    with pytest.raises(CommandError, match="3 are the least"):
        call_command("intake_custodians", "publish")
