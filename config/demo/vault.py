"""The demo's custodians: enrolled, and known to the reports' side."""

from pathlib import Path

from django.conf import settings

from accounts.actors import SEEDER
from accounts.models import User
from accounts.roles import Role
from config.demo.people import CAST
from intake import rotation
from intake.models import CustodianKey, KeyEpoch
from intake.rotation import Folders
from intake.vault import custodians


def vault_passphrase(password: str) -> str:
    """What opens a custodian's key in the demo: longer than its password, as a vault asks."""
    return f"vault {password}"


def open_vault(password: str) -> None:
    """Enrol the custodians of the cast who have no key yet, and make the key for legal holds."""
    folders = Folders(Path(settings.INTAKE_PUBLIC_KEYS), Path(settings.INTAKE_PRIVATE_KEYS))
    for person in CAST:
        user = User.objects.get(email=person.email)
        if person.role == Role.CUSTODIAN and not CustodianKey.objects.filter(user=user).exists():
            custodians.enrol(actor=user, passphrase=vault_passphrase(password))
    if not custodians.is_published(folders.public):
        custodians.publish(actor=SEEDER, directory=folders.public)
    if not KeyEpoch.objects.filter(is_for_holds=True, destroyed_on__isnull=True).exists():
        rotation.begin_hold(actor=SEEDER, folders=folders)
