from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from platforms.models.platforms import Platform


class OutboundPauseQuerySet(models.QuerySet["OutboundPause"]):
    def in_force(self) -> "OutboundPauseQuerySet":
        return self.filter(resumed_at__isnull=True)


class OutboundPause(models.Model):
    """Nothing is sent to a platform, or to any, until two people resume it.

    One person pauses, or a guard does. Resuming takes one who asks and another who agrees.
    """

    platform = models.ForeignKey(
        Platform, on_delete=models.PROTECT, null=True, blank=True, related_name="pauses"
    )
    reason = models.TextField()
    paused_at = models.DateTimeField(default=timezone.now)
    paused_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", help_text="Empty: a guard did"
    )
    resume_asked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resumed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resumed_at = models.DateTimeField(null=True, blank=True)

    objects = OutboundPauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform"],
                condition=Q(resumed_at__isnull=True),
                nulls_distinct=False,
                name="outbound_pause_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(resumed_at__isnull=True)
                | (
                    Q(resume_asked_by__isnull=False, resumed_by__isnull=False)
                    & ~Q(resumed_by=F("resume_asked_by"))
                ),
                name="outbound_pause_resumed_by_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"Paused: {self.platform or 'every platform'}"
