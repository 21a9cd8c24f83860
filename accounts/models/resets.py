from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.users import User


class SecondFactorReset(models.Model):
    """A lost second factor, taken away by two administrators so that the person enrols anew.

    While one is approved and not done, nobody signs in to the account but by its link. One that
    names no administrator was made on the command line.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting for a second person"
        APPROVED = "approved", "Waiting for the person"
        REFUSED = "refused", "Refused"
        WITHDRAWN = "withdrawn", "Withdrawn"
        DONE = "done", "Enrolled anew"

    TRANSITIONS: dict[str, frozenset[str]] = {
        State.PENDING: frozenset({State.APPROVED, State.REFUSED, State.WITHDRAWN}),
        State.APPROVED: frozenset({State.DONE, State.WITHDRAWN}),
        State.REFUSED: frozenset(),
        State.WITHDRAWN: frozenset(),
        State.DONE: frozenset(),
    }

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    reason = models.TextField()
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "approved", "refused", "withdrawn", "done"]),
                name="factor_reset_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(asked_by__isnull=True) | ~Q(asked_by=F("user")),
                name="factor_reset_not_for_oneself",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"])
                | Q(asked_by__isnull=True, decided_by__isnull=True)
                | Q(asked_by__isnull=False, decided_by__isnull=False)
                & ~Q(decided_by=F("asked_by"))
                & ~Q(decided_by=F("user")),
                name="factor_reset_takes_two",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "done"])
                | (~Q(digest="") & Q(expires_at__isnull=False)),
                name="factor_reset_approved_has_its_link",
            ),
            models.UniqueConstraint(
                fields=["digest"], condition=~Q(digest=""), name="factor_reset_one_per_link"
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state="pending"),
                name="factor_reset_one_pending_per_person",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state="approved"),
                name="factor_reset_one_approved_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"reset of the second factor of {self.user}"
