"""Who of the desk may open a report."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ReportGrantQuerySet(models.QuerySet["ReportGrant"]):
    def in_force(self) -> "ReportGrantQuerySet":
        return self.filter(ended_at__isnull=True, ends_at__gt=timezone.now())


class ReportGrant(models.Model):
    """That somebody may read one report, from whom, why and until when.

    A coordinator claims a report and so grants it to themselves; everybody else is granted it
    by a coordinator who holds it. Its times are those of the desk's work.
    """

    class Kind(models.TextChoices):
        CLAIM = "claim", "Claim"
        SHARED = "shared", "Shared"

    report = models.ForeignKey("intake.Report", on_delete=models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_grants"
    )
    kind = models.CharField(max_length=6, choices=Kind.choices)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_grants_given"
    )
    reason = models.CharField(max_length=500)
    granted_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = ReportGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="claim", granted_by=F("user"))
                | Q(kind="shared") & ~Q(granted_by=F("user")),
                name="report_grant_never_to_oneself",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="report_grant_has_a_reason"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("granted_at")), name="report_grant_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(kind="claim", ended_at__isnull=True),
                name="report_grant_one_claim",
            ),
            models.UniqueConstraint(
                fields=["report", "user"],
                condition=Q(ended_at__isnull=True),
                name="report_grant_once_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"grant of {self.report_id} to {self.user_id}"
