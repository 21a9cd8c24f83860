"""Reports and what is written in them: sealed bytes, days instead of times, random keys."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from accounts.models import User
from intake.columns import SealedField, today
from intake.models.grants import ReportGrant

models.BinaryField.register_lookup(Length)


class ReportQuerySet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> "ReportQuerySet":
        """Reports whose header a person may know of: those open to claim, and those granted.

        Nobody else learns that a report exists, an administrator and a superuser included. To a
        custodian a grant from before opens nothing: they release identities and read no report.
        """
        if user.has_perm("intake.approve_identity_release"):
            return self.none()
        granted = ReportGrant.objects.in_force().filter(user=user).values("report")
        seen = Q(pk__in=granted) if user.is_active else Q(pk__in=[])
        if user.has_perm("intake.triage_report"):
            seen |= Q(state=Report.State.WAITING)
        return self.filter(seen)

    def waiting(self) -> "ReportQuerySet":
        return self.filter(state=Report.State.WAITING)

    def partners_first(self) -> "ReportQuerySet":
        """Reports with a partner's code first, then by random keys: not by who came first."""
        return self.order_by("-from_partner", "pk")


class Report(models.Model):
    """One sealed report. Nothing in it, and nothing joined to it, names the reporter."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        IN_HAND = "in_hand", "In hand"
        CLOSED = "closed", "Closed"

    class Outcome(models.TextChoices):
        """What the reporter is told. The desk's own conclusion is in the case."""

        ACTED = "acted", "We acted on it"
        KNOWN = "known", "We knew it already"
        NOT_ENOUGH = "not_enough", "It was not enough to act on"
        OUTSIDE = "outside", "It is outside what we can decide"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lookup_digest = models.BinaryField(max_length=32, unique=True)
    day = models.DateField(default=today)
    waiting_since = models.DateField(default=today)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    closed_on = models.DateField(null=True)
    # That a partner vouches for it, and not which one: that would say where to look.
    from_partner = models.BooleanField(default=False)
    accounts = SealedField()
    person = SealedField()
    narrative = SealedField()
    languages = SealedField()
    summary = SealedField()
    message_count = SealedField()

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "in_hand", "closed"]), name="report_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) & ~Q(outcome="")
                | ~Q(state="closed") & Q(closed_on__isnull=True, outcome=""),
                name="report_closed_has_its_outcome",
            ),
            models.CheckConstraint(
                condition=Q(lookup_digest__length=32), name="report_lookup_is_a_digest"
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


# Every change of state a report can make. Closing may come straight after claiming only.
TRANSITIONS: dict[Report.State, frozenset[Report.State]] = {
    Report.State.WAITING: frozenset({Report.State.IN_HAND}),
    Report.State.IN_HAND: frozenset({Report.State.WAITING, Report.State.CLOSED}),
    Report.State.CLOSED: frozenset({Report.State.IN_HAND}),
}


class Message(models.Model):
    """One message between the desk and the reporter, numbered from one within its report."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="messages")
    number = models.PositiveSmallIntegerField()
    from_desk = models.BooleanField()
    day = models.DateField(default=today)
    text = SealedField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="message_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="message_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"message {self.number} of {self.report_id}"
