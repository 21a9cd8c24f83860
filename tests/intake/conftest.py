"""Keys in a directory of the tests' own, the zone as a process, and who works with reports."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from accounts.actors import COMMAND_LINE
from accounts.models import User
from accounts.roles import Role
from intake import access, proofs, rotation, submission
from intake.models import Report
from intake.models.vault import IdentityRequest
from intake.receipts import Receipt, Script, lookup_digest
from intake.rotation import Folders
from intake.submission import Answers
from intake.vault import custodians, passphrases, requests
from intake.vault.giving import NOBODY, WhoSomebodyIs
from tests.conftest import person
from tests.intake.zone import Reporter, Zone, as_the_zone

NARRATIVE = "He posts from the palace every Friday."


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    base = tmp_path_factory.mktemp("intake")
    return Folders(public=base / "public", private=base / "private")


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where sealed files lie, for the zone and for the desk."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture
def keys(db: None, folders: Folders, media: Path, settings: Settings) -> Folders:
    """A first epoch, made for this test, and no files yet."""
    for left in media.iterdir():
        left.unlink()
    settings.INTAKE_MEDIA = media
    for folder in (folders.public, folders.private):
        shutil.rmtree(folder, ignore_errors=True)
    settings.INTAKE_PUBLIC_KEYS = folders.public
    settings.INTAKE_PRIVATE_KEYS = folders.private
    rotation.begin_first(actor=COMMAND_LINE, folders=folders)
    return folders


@pytest.fixture(scope="session")
def running_zone(django_db_setup: None, folders: Folders, media: Path) -> Iterator[Zone]:
    zone = Zone(folders.public, media)
    yield zone
    zone.stop()
    shutil.rmtree(zone.directory)


@pytest.fixture
def zone(transactional_db: None, keys: Folders, running_zone: Zone) -> Zone:
    """The reports' side, connected to the test database as the role `intake`."""
    return running_zone


@pytest.fixture
def reporter(zone: Zone) -> Reporter:
    return zone.reporter()


@pytest.fixture
def coordinator(db: None) -> User:
    """Claims reports, reads and answers them."""
    return person("Noor Salem", Role.INTAKE_COORDINATOR)


@pytest.fixture
def other_coordinator(db: None) -> User:
    """As the coordinator: for what one may not do to another's report."""
    return person("Lev Baran", Role.INTAKE_COORDINATOR)


def send(
    narrative: str = NARRATIVE, script: Script = Script.WORDS, identity: WhoSomebodyIs = NOBODY
) -> tuple[Receipt, Report]:
    """Send a report through the verb the zone uses."""
    answers = Answers(
        accounts="relay.example/akhmat",
        why="back",
        person="Somebody",
        narrative=narrative,
        languages=("ru",),
        identity=identity,
    )
    with as_the_zone():
        receipt = submission.submit(
            answers=answers, script=script, challenge=proofs.new_challenge()
        )
    return receipt, Report.objects.get(lookup_digest=lookup_digest(receipt.lookup_id()))


@pytest.fixture
def sent(keys: Folders) -> tuple[Receipt, Report]:
    """A report nobody has claimed, and its receipt."""
    return send()


@pytest.fixture
def receipt(sent: tuple[Receipt, Report]) -> Receipt:
    return sent[0]


@pytest.fixture
def report(sent: tuple[Receipt, Report]) -> Report:
    return sent[1]


PASSPHRASE = "a vault passphrase of the tests"
MARYAM = WhoSomebodyIs(name="Maryam Vermilion", contact="+7 000 111", account="relay.example/m")


@pytest.fixture
def quick_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 is slow on purpose. Tests lock and unlock hundreds of keys."""
    monkeypatch.setattr(passphrases, "MEMORY_KIB", 64)
    monkeypatch.setattr(passphrases, "PASSES", 1)


def custodian(name: str) -> User:
    """A custodian who has enrolled with the tests' passphrase."""
    user = person(name, Role.CUSTODIAN)
    custodians.enrol(actor=user, passphrase=PASSPHRASE)
    return user


@pytest.fixture
def vault(keys: Folders, quick_locks: None) -> list[User]:
    """Three custodians with keys in force, which the reports' side seals for."""
    three = [custodian(name) for name in ("Ana Costa", "Bo Lind", "Cem Aydin")]
    custodians.publish(actor=COMMAND_LINE, directory=keys.public)
    return three


@pytest.fixture
def named(vault: list[User]) -> tuple[Receipt, Report]:
    """A report that says who sent it, and its receipt."""
    return send(identity=MARYAM)


@pytest.fixture
def asked(named: tuple[Receipt, Report], coordinator: User) -> tuple[IdentityRequest, Receipt]:
    """A request for that identity, and the words that open its release."""
    access.claim(actor=coordinator, report=named[1])
    return requests.ask(
        actor=coordinator, report=named[1], reason="A court asks", message="A court asks us."
    )
