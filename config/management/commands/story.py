import json
import sys
from typing import Any

import httpx
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from config.demo.browser import UnexpectedAnswer
from config.demo.record import DemoRecord
from config.demo.story import Story, StoryFailed


class Command(BaseCommand):
    help = "Play the mistaken restore against the running demo, and say whether all of it held."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object at the end")

    def handle(self, *args: Any, **options: Any) -> None:
        story = Story(_running_demo())
        console = Console(stderr=options["json"])
        problem = ""
        try:
            for step in story.play():
                console.print(f"  {step.at_seconds:7.1f} s  {step.text}", highlight=False)
        except (StoryFailed, UnexpectedAnswer, httpx.HTTPError) as error:
            problem = str(error)
        if options["json"]:
            steps = {step.key: step.seconds for step in story.steps}
            self.stdout.write(json.dumps({"held": not problem, "problem": problem, "steps": steps}))
        elif problem:
            console.print(f"\nIt did not hold: {problem}")
        else:
            console.print("\nAll of it held.")
        if problem:
            sys.exit(1)


def _running_demo() -> DemoRecord:
    """Return the demo that runs now, or say how to start one."""
    record = DemoRecord.load()
    if record is not None:
        try:
            httpx.get(record.web_url, timeout=5)
        except httpx.TransportError:
            record = None
    if record is None:
        raise CommandError("The demo is not running. Start it in another terminal: make demo")
    return record
