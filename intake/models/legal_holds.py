"""Reports that the law makes us keep."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from intake import terms
from intake.columns import today
from intake.models.reports import Report


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def in_force(self) -> "LegalHoldQuerySet":
        return self.filter(state=LegalHold.State.IN_FORCE, ends_on__gte=today())

    def visible_to(self, user: User) -> "LegalHoldQuerySet":
        """Holds that wait for counsel, and those in force. Nothing of the reports opens with it."""
        if not user.has_perm("intake.agree_legal_hold"):
            return self.none()
        return self.filter(state__in=[LegalHold.State.PROPOSED, LegalHold.State.IN_FORCE])


class LegalHold(models.Model):
    """That the law makes us keep one report until a day. It takes two people, and ends.

    It stops retention and nothing else: its reporter may delete the report, and who they are
    is erased on its day.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for legal counsel"
        IN_FORCE = "in_force", "In force"
        REFUSED = "refused", "Refused"
        ENDED = "ended", "Ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The database's own key takes the row away with the report: a reporter deletes by a function.
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, db_constraint=False, related_name="legal_holds"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_on = models.DateField(default=today)
    ends_on = models.DateField()

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "in_force", "refused", "ended"]),
                name="legal_hold_state_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("proposed_by")),
                name="legal_hold_takes_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(agreed_by__isnull=False),
                name="legal_hold_in_force_was_agreed_to",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("proposed_on"))
                & Q(ends_on__lte=F("proposed_on") + timedelta(days=terms.HOLD_DAYS_AT_MOST)),
                name="legal_hold_ends",
            ),
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state__in=["proposed", "in_force"]),
                name="legal_hold_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold of {self.report_id}"


HOLD_TRANSITIONS: dict[LegalHold.State, frozenset[LegalHold.State]] = {
    LegalHold.State.PROPOSED: frozenset({LegalHold.State.IN_FORCE, LegalHold.State.REFUSED}),
    LegalHold.State.IN_FORCE: frozenset({LegalHold.State.ENDED}),
    LegalHold.State.REFUSED: frozenset(),
    LegalHold.State.ENDED: frozenset(),
}
