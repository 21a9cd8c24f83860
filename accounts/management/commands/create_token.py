import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import tokens
from accounts.actors import COMMAND_LINE
from accounts.models import User
from accounts.refusals import Refusal


class Command(BaseCommand):
    help = "Make an API token for a person or a service account. It is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--scope", action="append", required=True, dest="scopes")
        parser.add_argument("--days", type=int, default=30)
        parser.add_argument("--name", default="made on the command line")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail address {options['email']}.")
        try:
            token, secret = tokens.create(
                actor=COMMAND_LINE,
                user=user,
                name=options["name"],
                scopes=options["scopes"],
                days=options["days"],
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            facts = {
                "token": secret,
                "prefix": token.prefix,
                "scopes": token.scopes,
                "expires_at": token.expires_at.isoformat(),
            }
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(secret)
