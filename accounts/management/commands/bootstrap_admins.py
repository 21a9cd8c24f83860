from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from accounts import grants, people
from accounts.actors import COMMAND_LINE
from accounts.models import User
from accounts.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Name the first two administrators. Works once; every later grant has a granter. "
        "Whoever has no account yet gets one, and a link to open it with."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first", help="e-mail address")
        parser.add_argument("second", help="e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                links = self._name(options["first"], options["second"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        for link in links:
            self.stdout.write(link)

    def _name(self, first: str, second: str) -> list[str]:
        found = {
            email: User.objects.filter(email__iexact=email).first() for email in (first, second)
        }
        persons = {
            email: user or User.objects.create_user(email=email, name=email.partition("@")[0])
            for email, user in found.items()
        }
        grants.bootstrap(first=persons[first], second=persons[second])
        lines = []
        for email, user in found.items():
            if user is not None:
                lines.append(f"{user} is an administrator of this desk.")
                continue
            _, token = people.invite(actor=COMMAND_LINE, email=email, name=persons[email].name)
            link = reverse("accounts:accept_invitation", args=[token])
            lines.append(
                f"{email} is an administrator of this desk, and opens the account at {link}"
            )
        return lines
