import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import actors
from accounts.refusals import Refusal
from platforms.imports import import_profiles
from platforms.models import Platform


class Command(BaseCommand):
    help = (
        "Take the profiles of a file (.jsonl or .csv, also with .gz). Lines that cannot be "
        "taken are reported and the others are taken; then the exit code is 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("platform", help="slug of the platform the accounts are on")
        parser.add_argument("--from", dest="path", type=Path, required=True, help="the file")
        parser.add_argument("--json", action="store_true", help="print one object at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        platform = Platform.objects.filter(slug=options["platform"]).first()
        if platform is None:
            raise CommandError(f"No platform is called {options['platform']}.")
        try:
            report = import_profiles(
                actor=actors.PROFILE_PULL, platform=platform, path=options["path"]
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        else:
            self.stdout.write(
                f"{report.created} new, {report.changed} changed, {report.unchanged} unchanged, "
                f"{len(report.errors)} left out."
            )
            for error in report.errors:
                self.stderr.write(f"Line {error.line} {error.id}: {error.message}")
        if report.errors:
            raise SystemExit(1)
