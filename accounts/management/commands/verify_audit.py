import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import anchors
from accounts.verification import Verification, verify


class Command(BaseCommand):
    help = "Walk the audit chain. Exit 0 where every link holds, 1 at the first that does not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_moment, help="a day or time, such as 2026-11-01")
        parser.add_argument("--anchors", type=Path, help="a file that export_anchor wrote")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        kept = []
        if options["anchors"]:
            try:
                kept = anchors.read(options["anchors"])
            except (OSError, ValueError, TypeError) as error:
                raise CommandError(f"{options['anchors']} holds no anchors: {error}") from error
        found = verify(since=options["since"], anchors=kept)
        facts = _facts(found)
        self.stdout.write(json.dumps(facts) if options["json"] else _prose(found))
        if found.broken:
            sys.exit(1)


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _facts(found: Verification) -> dict[str, Any]:
    return {
        "whole": found.broken is None,
        "checked": found.checked,
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "unsealed_age_seconds": (
            round(found.unsealed_age.total_seconds(), 3) if found.unsealed_age else None
        ),
        "broken_number": found.broken.number if found.broken else None,
        "broken_what": found.broken.what if found.broken else None,
    }


def _prose(found: Verification) -> str:
    if found.broken:
        return f"The chain is broken. Seal {found.broken.number} {found.broken.what}."
    tail = f"{found.unsealed} events wait for their seal"
    if found.unsealed_age:
        tail += f", the oldest for {found.unsealed_age.total_seconds():.1f} s"
    return f"Every link holds: {found.checked} of {found.sealed} seals checked. {tail}."
