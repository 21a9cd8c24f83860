from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts import resets
from accounts.models import User
from accounts.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Take away a person's second factor and print the link to enrol anew. For a desk whose "
        "administrators cannot be two: otherwise two of them do it on the people page."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--reason", required=True, help="it stays in the record")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"]).first()
        if user is None:
            raise CommandError(f"Nobody here has the e-mail address {options['email']}.")
        try:
            _, token = resets.reset_on_the_command_line(user=user, reason=options["reason"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(reverse("accounts:enrol_anew", args=[token]))
