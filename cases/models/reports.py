from django.db import models
from django.utils import timezone

from accounts.models import User
from intake.models import Report, ReportGrant
from platforms.models import Profile


class ReportedProfileQuerySet(models.QuerySet["ReportedProfile"]):
    def held_by(self, user: User) -> "ReportedProfileQuerySet":
        """Links of the reports that this coordinator has claimed."""
        claims = ReportGrant.objects.in_force().filter(user=user, kind=ReportGrant.Kind.CLAIM)
        return self.filter(report__in=claims.values("report"))

    def waiting_for_an_answer(self) -> "ReportedProfileQuerySet":
        """The case is decided, and the reporter has not been told: the report is in hand."""
        return self.filter(case__closed_at__isnull=False, report__state=Report.State.IN_HAND)


class ReportedProfile(models.Model):
    """An account that a report speaks of, and the case that answers for it once there is one.

    Only whoever may open the report learns of this row, and of a case that was opened for it the
    people it was handed to. It goes with its report.
    """

    # The database's own key takes the row away with the report: a reporter deletes by a function.
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, db_constraint=False, related_name="reported_profiles"
    )
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(
        "cases.Case", on_delete=models.PROTECT, null=True, related_name="reported_profiles"
    )
    linked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField(default=timezone.now)

    objects = ReportedProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "profile"], name="reported_profile_once")
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} in report {self.report_id}"
