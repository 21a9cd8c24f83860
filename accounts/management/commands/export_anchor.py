import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import anchors


class Command(BaseCommand):
    help = "Print the end of the audit chain, and append it to a file. Keep it elsewhere."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, help="a file of anchors, one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        anchor = anchors.export(options["to"])
        if anchor is None:
            raise CommandError("Nothing is sealed yet. Is the worker running?")
        self.stdout.write(json.dumps(asdict(anchor)))
