"""Files that came with reports."""

import uuid

from django.db import models
from django.db.models import Q

from intake.columns import SealedField
from intake.models.reports import Report


class Attachment(models.Model):
    """One file that came with a report: its original, its clean copy, or both, sealed on disk.

    Until its report is sent it belongs to the reporter's session and goes with it. `original`
    and `cleaned` are names in the media directory, empty where there is no such file. What the
    file is called, its kind, size and hash are in `details`, what became of it in `finding`.
    No time is kept: it would tell when somebody was online.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for its clean copy"
        CLEAN = "clean", "Clean copy"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Both constraints are in the migration: the database deletes the row with what it belongs to.
    report = models.ForeignKey(
        Report,
        null=True,
        on_delete=models.CASCADE,
        related_name="attachments",
        db_constraint=False,
    )
    session = models.ForeignKey(
        "ZoneSession",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    original = models.CharField(max_length=32, blank=True)
    cleaned = models.CharField(max_length=32, blank=True)
    details = SealedField()
    finding = SealedField(null=True)
    # What became of a file is put on record by night: see `intake.attachments.cleaning.record`.
    is_recorded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "clean", "refused"]),
                name="attachment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(report__isnull=False, session__isnull=True)
                | Q(report__isnull=True, session__isnull=False, state="waiting"),
                name="attachment_of_a_report_or_a_session",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", cleaned="", finding__isnull=True) & ~Q(original="")
                | Q(state="clean", finding__isnull=False) & ~Q(cleaned="")
                | Q(state="refused", cleaned="", finding__isnull=False),
                name="attachment_has_what_its_state_says",
            ),
            models.UniqueConstraint(
                fields=["original"], condition=~Q(original=""), name="attachment_original_once"
            ),
            models.UniqueConstraint(
                fields=["cleaned"], condition=~Q(cleaned=""), name="attachment_cleaned_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state="waiting", report__isnull=False),
                name="attachment_due",
            ),
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


# A file is settled once. To have another try, its reporter sends it again.
ATTACHMENT_TRANSITIONS: dict[Attachment.State, frozenset[Attachment.State]] = {
    Attachment.State.WAITING: frozenset({Attachment.State.CLEAN, Attachment.State.REFUSED}),
    Attachment.State.CLEAN: frozenset(),
    Attachment.State.REFUSED: frozenset(),
}
