from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models.users import User
from accounts.roles import SENSITIVE_ROLES, Role

REVIEW_EVERY = timedelta(days=90)
# Every grant row with a granter carries a second one where the role is sensitive.
SENSITIVE = sorted(SENSITIVE_ROLES)


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self, at: datetime | None = None) -> "RoleGrantQuerySet":
        """Grants that count at the given time, now unless told otherwise."""
        moment = at or timezone.now()
        return self.filter(starts_at__lte=moment).filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=moment)
        )

    def ended(self, at: datetime | None = None) -> "RoleGrantQuerySet":
        return self.filter(ends_at__lte=at or timezone.now())

    def due_for_review(self, at: datetime | None = None) -> "RoleGrantQuerySet":
        """Grants in force that nobody has looked at for 90 days, counted from their start."""
        moment = at or timezone.now()
        recent = AccessReview.objects.filter(grant=OuterRef("pk"), at__gt=moment - REVIEW_EVERY)
        return self.in_force(moment).filter(~Exists(recent), starts_at__lte=moment - REVIEW_EVERY)


class RoleGrant(models.Model):
    """One role given to one person, with the reason and, where set, its end.

    Never deleted and never lengthened: an extension is a grant of its own. A grant without a
    granter was made by the house itself, which ends with `bootstrap_admins`.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=32, choices=Role.choices)
    reason = models.TextField()
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="grants_given"
    )
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="grants_approved"
    )
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="grants_ended"
    )
    end_reason = models.TextField(blank=True)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="role_grant_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=models.F("starts_at")),
                name="role_grant_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(granted_by__isnull=True) | ~Q(granted_by=models.F("user")),
                name="role_grant_not_by_oneself",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("user")) & ~Q(approved_by=F("granted_by"))),
                name="role_grant_approved_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=SENSITIVE)
                | Q(granted_by__isnull=True)
                | Q(approved_by__isnull=False),
                name="role_grant_sensitive_takes_two",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ends_at__isnull=True),
                name="role_grant_one_open_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"


class GrantProposal(models.Model):
    """One administrator's wish that somebody hold a role. A sensitive role waits for a second."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for a second person"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"

    TRANSITIONS: dict[str, frozenset[str]] = {
        State.PENDING: frozenset({State.APPROVED, State.REFUSED, State.WITHDRAWN}),
        State.APPROVED: frozenset(),
        State.REFUSED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grant_proposals")
    role = models.CharField(max_length=32, choices=Role.choices)
    reason = models.TextField()
    ends_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="grant_proposals_made"
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="grant_proposals_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    grant = models.OneToOneField(
        RoleGrant, on_delete=models.PROTECT, null=True, related_name="proposal"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values), name="grant_proposal_role_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "refused", "withdrawn"]),
                name="grant_proposal_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(proposed_by=F("user")), name="grant_proposal_not_for_oneself"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", grant__isnull=False)
                | (~Q(state="approved") & Q(grant__isnull=True)),
                name="grant_proposal_approved_has_its_grant",
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(state="pending"),
                name="grant_proposal_one_pending_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} for {self.user}"


class AccessReview(models.Model):
    """Somebody looked at a grant after 90 days and said whether it is still needed."""

    class Outcome(models.TextChoices):
        KEEP = "keep", "Keep"
        END = "end", "End"

    grant = models.ForeignKey(RoleGrant, on_delete=models.PROTECT, related_name="reviews")
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="access_reviews")
    at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["grant", "at"], name="access_review_grant_at")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["keep", "end"]), name="access_review_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.grant}"


class Bootstrap(models.Model):
    """The first two administrators were named. From here on every grant has a granter."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="bootstrap_happens_once")]

    def __str__(self) -> str:
        return f"bootstrapped at {self.at:%Y-%m-%d %H:%M}"
