"""`manage.py intake_retention [--dry-run]`: end what was promised to end. Run it daily."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from intake import retention
from intake.attachments import cleaning
from intake.retention import RETENTION


class Command(BaseCommand):
    help = "Delete reports and identities whose time is over, close inboxes, return unheld reports."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and end nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            ended = retention.due()
            said = "Would delete"
        else:
            ended = retention.expire(actor=RETENTION)
            cleaning.record(actor=RETENTION)
            retention.shuffle_rows(settings.MIGRATION_DATABASE)
            said = "Deleted"
        self.stdout.write(
            f"{said} {ended.reports} reports, closed {ended.unopened_inboxes} inboxes that nobody "
            f"opened, returned {ended.returned_reports} reports to the list, erased "
            f"{ended.identities} identities."
        )
