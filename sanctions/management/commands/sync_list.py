import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from accounts.actors import LIST_SYNC
from accounts.refusals import Refusal
from sanctions.sources import OFFICIAL_LISTS, source_called
from sanctions.staging import Progress
from sanctions.sync import SyncResult, sync

# Redrawing for each entry would cost more than reading it.
ENTRIES_PER_REDRAW = 500


class Command(BaseCommand):
    """Exit status: 0 applied or already in force, 1 no list could be had, 2 quarantined."""

    help = (
        "Sync a sanctions list from its publisher, or from files or addresses given with --from. "
        "A list that cannot be trusted is quarantined, and the last good one keeps serving."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "source", metavar="SOURCE", help=f"such as {' or '.join(OFFICIAL_LISTS)}"
        )
        parser.add_argument(
            "--from",
            dest="origins",
            metavar="PATH_OR_URL",
            nargs="+",
            default=[],
            help="one XML file, or SDN.CSV with or without ALT.CSV and ADD.CSV; .gz and .zip too",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--accept-shrink",
            metavar="REASON",
            default="",
            help="take an abnormally shorter list, for this reason, which is recorded",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _shown_progress(options["source"]) as progress:
                result = sync(
                    actor=LIST_SYNC,
                    source=source_called(options["source"]),
                    origins=options["origins"],
                    accept_shrink_reason=options["accept_shrink"],
                    progress=progress,
                )
        except Refusal as refusal:
            if options["json"]:
                self.stdout.write(json.dumps(_nothing_done(options["source"], str(refusal))))
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json()))
        else:
            self.stdout.write(_in_words(result))
        if result.quarantined:
            raise CommandError(
                f"{result.source} version {result.version} is quarantined: {result.reason} "
                "The last good version keeps serving.",
                returncode=2,
            )


@contextmanager
def _shown_progress(slug: str) -> Iterator[Progress]:
    """A spinner with a count on a terminal's standard error, nothing anywhere else."""
    console = Console(stderr=True)
    with console.status(f"Fetching {slug}") as status:

        def show(count: int) -> None:
            if count % ENTRIES_PER_REDRAW == 0:
                status.update(f"Reading {slug}: {count:,} entries")

        yield show


def _nothing_done(slug: str, reason: str) -> dict[str, Any]:
    return {
        "source": slug,
        "version": None,
        "added": 0,
        "changed": 0,
        "delisted": 0,
        "unchanged": 0,
        "quarantined": False,
        "reason": reason,
        "seconds": 0.0,
    }


def _in_words(result: SyncResult) -> str:
    if result.version is None:
        return f"{result.source}: the publisher has nothing new, and nothing is in force yet."
    if result.quarantined:
        return f"{result.source}: version {result.version} was not applied."
    lines = [
        f"{result.source}: version {result.version} is in force. {result.added:,} added, "
        f"{result.changed:,} changed, {result.delisted:,} delisted, {result.unchanged:,} "
        f"unchanged, in {result.seconds:.1f} s."
    ]
    if result.list_version:
        lines += [f"Note: {warning}" for warning in result.list_version.warnings]
    return "\n".join(lines)
