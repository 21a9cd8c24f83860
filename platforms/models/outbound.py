from django.db import models
from django.db.models import Case, Count, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from platforms.models.platforms import Platform
from platforms.models.profiles import Profile


class OutboundPauseQuerySet(models.QuerySet["OutboundPause"]):
    def in_force(self) -> "OutboundPauseQuerySet":
        return self.filter(resumed_at__isnull=True)

    def with_accounts_to_read(self) -> "OutboundPauseQuerySet":
        """Add `accounts_to_read`: the held accounts that a pause after a recovery waits for.

        One that its platform will not show counts as read once it was asked for, while the
        platform itself answers. It is 0 for any other pause.
        """
        since = OuterRef("readings_since")
        waiting = (
            Profile.objects.held()
            .filter(platform=OuterRef("platform"))
            .filter(Q(observed_at__isnull=True) | Q(observed_at__lte=since))
            .filter(Q(platform__failures_in_a_row__gt=0) | Q(next_read_at__lte=since))
            .order_by()
            .values("platform")
            .annotate(count=Count("pk"))
            .values("count")
        )
        return self.annotate(
            accounts_to_read=Case(
                When(readings_since__isnull=False, then=Coalesce(Subquery(waiting), 0)),
                default=0,
            )
        )


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
    readings_since = models.DateTimeField(
        null=True, blank=True, help_text="Held accounts are read after this, before it is resumed"
    )

    accounts_to_read: int
    """Only where `with_accounts_to_read` was asked."""

    objects = OutboundPauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(readings_since__isnull=True) | Q(platform__isnull=False),
                name="outbound_pause_for_readings_is_of_a_platform",
            ),
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


class DatabaseIdentity(models.Model):
    """Which database this is, by PostgreSQL's own marks. At most one row.

    A recovered dump or a promoted replica carries the marks of the database it came from, so
    that a difference tells of a recovery.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    system_identifier = models.CharField(max_length=20, help_text="Of the cluster, from initdb")
    timeline = models.PositiveIntegerField(help_text="Moves with each recovery and promotion")
    database_oid = models.PositiveBigIntegerField(help_text="Moves when a dump is loaded")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="database_identity_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"cluster {self.system_identifier}, timeline {self.timeline}"
