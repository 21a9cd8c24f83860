"""`manage.py intake_keys init|rotate|hold|status|destroy`: the keys reports are sealed for."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import COMMAND_LINE
from accounts.refusals import Refusal
from intake import rotation


class Command(BaseCommand):
    help = "Make, rotate, show and destroy the keys that reports are sealed for."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("init", help="Make the first epoch. Does nothing where one is in use.")
        acts.add_parser("rotate", help="Begin a new epoch and move every report's desk key to it.")
        acts.add_parser("hold", help="Make an epoch that reports under legal hold move to.")
        acts.add_parser("status", help="List epochs and how many keys still rest on each.")
        destroy = acts.add_parser("destroy", help="Destroy an epoch's private key and pepper.")
        destroy.add_argument("kid")
        destroy.add_argument(
            "--lose",
            action="append",
            type=UUID,
            default=[],
            metavar="REPORT",
            help="A report that still rests on the epoch and may become unreadable. Repeat it.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folders = rotation.Folders(
            public=Path(settings.INTAKE_PUBLIC_KEYS), private=Path(settings.INTAKE_PRIVATE_KEYS)
        )
        try:
            self._do(folders, options)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal

    def _do(self, folders: rotation.Folders, options: dict[str, Any]) -> None:
        match options["act"]:
            case "init":
                made = rotation.begin_first(actor=COMMAND_LINE, folders=folders)
                self.stdout.write(f"Made epoch {made}." if made else "The keys are there already.")
            case "rotate":
                kid = rotation.begin_next(actor=COMMAND_LINE, folders=folders)
                moved = rotation.rewrap_all(actor=COMMAND_LINE, folders=folders)
                self.stdout.write(f"Epoch {kid} is in use. Moved {moved} reports to it.")
            case "hold":
                kid = rotation.begin_hold(actor=COMMAND_LINE, folders=folders)
                self.stdout.write(f"Made {kid}. Reports under legal hold move to it.")
            case "destroy":
                rotation.destroy(
                    actor=COMMAND_LINE,
                    folders=folders,
                    kid=options["kid"],
                    may_be_lost=set(options["lose"]),
                )
                self.stdout.write(f"Destroyed {options['kid']}.")
            case "status":
                for line in rotation.status():
                    self.stdout.write(
                        f"{line.kid}  begun {line.begun_on}  {line.state:9}  "
                        f"desk {line.desk_wraps}  reporters {line.reporter_wraps}"
                    )
