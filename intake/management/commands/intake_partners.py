"""`manage.py intake_partners vet|issue|end`: organisations whose codes come first."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.actors import COMMAND_LINE
from accounts.refusals import Refusal
from intake import partners

MOST_CODES = 500


class Command(BaseCommand):
    help = "Vet partner organisations, issue their one-time codes, part from them."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        vet = acts.add_parser("vet", help="Take an organisation in.")
        vet.add_argument("name")
        vet.add_argument("--reason", required=True, help="Who vetted it and how.")
        issue = acts.add_parser("issue", help="Print codes. They are shown this once.")
        issue.add_argument("name")
        issue.add_argument("--count", type=int, default=10)
        end = acts.add_parser("end", help="Part from an organisation. Its codes are void.")
        end.add_argument("name")
        end.add_argument("--reason", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        try:
            match options["act"]:
                case "vet":
                    partners.vet(actor=COMMAND_LINE, name=name, reason=options["reason"])
                    self.stdout.write(f"{name} is a partner.")
                case "issue":
                    if not 0 < options["count"] <= MOST_CODES:
                        raise CommandError(f"Issue 1 to {MOST_CODES} codes at once.")
                    for code in partners.issue(
                        actor=COMMAND_LINE, name=name, count=options["count"]
                    ):
                        self.stdout.write(code)
                case "end":
                    void = partners.end(actor=COMMAND_LINE, name=name, reason=options["reason"])
                    self.stdout.write(f"{name} is no partner any more. {void} codes are void.")
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
