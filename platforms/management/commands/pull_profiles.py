import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import actors
from platforms.connectors.base import ConnectorError
from platforms.models import Platform
from platforms.profiles import pull


class Command(BaseCommand):
    help = "Read every account of a platform through its connector."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("platform", help="slug of the platform")
        parser.add_argument("--json", action="store_true", help="print one object at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        platform = Platform.objects.filter(slug=options["platform"]).first()
        if platform is None:
            raise CommandError(f"No platform is called {options['platform']}.")
        try:
            result = pull(actor=actors.PROFILE_PULL, platform=platform)
        except ConnectorError as error:
            raise CommandError(f"{platform}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
            return
        self.stdout.write(
            f"{platform}: {result.created} new, {result.changed} changed, "
            f"{result.unchanged} unchanged, {len(result.errors)} left out."
        )
        for left_out in result.errors:
            self.stderr.write(f"Account {left_out.external_id or '?'}: {left_out.message}")
