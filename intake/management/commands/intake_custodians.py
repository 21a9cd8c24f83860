"""`manage.py intake_custodians status|publish`: whom the reports' side seals identities for."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import COMMAND_LINE
from accounts.refusals import Refusal
from intake.models.vault import CustodianKey
from intake.vault import ceremony, custodians, roster


class Command(BaseCommand):
    help = "Show the custodians' keys, and tell the reports' side of them."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("status", help="List keys with their fingerprints.")
        acts.add_parser("publish", help="Write the file that the reports' side seals by.")

    def handle(self, *args: Any, **options: Any) -> None:
        directory = Path(settings.INTAKE_PUBLIC_KEYS)
        if options["act"] == "publish":
            self._publish(directory)
        known = {one.key for one in roster.published(directory)}
        for key in CustodianKey.objects.exclude(state="ended").select_related("user"):
            self.stdout.write(
                f"{key.as_custodian.fingerprint}  {key.user.name}  "
                f"{key.get_state_display()}{', sealed for' if key.pk in known else ''}"
            )

    def _publish(self, directory: Path) -> None:
        try:
            custodians.publish(actor=COMMAND_LINE, directory=directory)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for key in CustodianKey.objects.filter(state=CustodianKey.State.JOINING):
            ceremony.settle(actor=COMMAND_LINE, candidate=key)
        self.stdout.write("Compare each fingerprint with the one its custodian sees.")
