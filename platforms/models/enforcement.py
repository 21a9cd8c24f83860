import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from platforms.models.profiles import Profile


class EnforcementQuerySet(models.QuerySet["Enforcement"]):
    def due(self, at: datetime) -> "EnforcementQuerySet":
        """Actions to send now, oldest first. Failed and unanswered ones are due again."""
        return self.filter(
            state__in=[
                Enforcement.State.APPROVED,
                Enforcement.State.FAILED,
                Enforcement.State.UNKNOWN,
            ],
            next_attempt_at__lte=at,
        ).order_by("next_attempt_at", "pk")

    def unsettled(self) -> "EnforcementQuerySet":
        """Actions whose end is not known yet. They stay visible until it is."""
        return self.exclude(state__in=[Enforcement.State.CONFIRMED, Enforcement.State.CANCELLED])


class Enforcement(models.Model):
    """One action towards a platform. The row is the outbox.

    A suspension rests on a hold that stands, a restore on a decision of its own; the
    database refuses a restore while any hold keeps the profile down, at the moment the row
    is written and again at the moment it is sent. Confirmed means read back.
    """

    class Action(models.TextChoices):
        SUSPEND = "suspend", "Suspend"
        RESTORE = "restore", "Restore"
        WITHHOLD = "withhold", "Withhold"
        LABEL = "label", "Label"
        MONETISATION_OFF = "monetisation_off", "Stop payouts and ads"

    class State(models.TextChoices):
        APPROVED = "approved", "Approved, to be sent"
        SENDING = "sending", "Being sent"
        CONFIRMED = "confirmed", "Read back as done"
        FAILED = "failed", "Failed, will be tried again"
        UNKNOWN = "unknown", "No answer yet"
        CANCELLED = "cancelled", "No longer wanted"

    class Cause(models.TextChoices):
        DECISION = "decision", "Decision"
        STANDING_APPROVAL = "standing_approval", "Standing approval"

    TRANSITIONS = {
        State.APPROVED: {State.SENDING, State.CANCELLED},
        State.SENDING: {State.CONFIRMED, State.FAILED, State.UNKNOWN},
        State.FAILED: {State.SENDING, State.CONFIRMED, State.CANCELLED},
        State.UNKNOWN: {State.SENDING, State.CONFIRMED, State.FAILED, State.CANCELLED},
        State.CONFIRMED: set(),
        State.CANCELLED: set(),
    }

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="enforcements")
    action = models.CharField(max_length=24, choices=Action.choices)
    territory = models.CharField(max_length=2, blank=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.APPROVED)
    cause = models.CharField(max_length=24, choices=Cause.choices, default=Cause.DECISION)
    reference = models.CharField(max_length=120, help_text="What it is for; it stays at the desk")
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    platform_reply = models.JSONField(default=dict, blank=True)
    problem = models.TextField(blank=True, help_text="Why the last attempt did not settle it")

    objects = EnforcementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile"],
                condition=Q(state="sending"),
                name="enforcement_one_sending_per_profile",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["approved", "sending", "confirmed", "failed", "unknown", "cancelled"]
                ),
                name="enforcement_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    action__in=["suspend", "restore", "withhold", "label", "monetisation_off"]
                ),
                name="enforcement_action_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(action="restore", cause="standing_approval"),
                name="enforcement_no_standing_approval_to_restore",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state__in=["approved", "failed", "unknown"]),
                name="enforcement_due",
            ),
            models.Index(fields=["profile", "-created_at"], name="enforcement_of_profile"),
            models.Index(
                fields=["sent_at"], condition=Q(state="sending"), name="enforcement_in_flight"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.profile_id}: {self.get_state_display()}"

    @property
    def may_be_ended(self) -> bool:
        """Whether a person may end it now. One that is being sent has to be found out first."""
        return self.State.CANCELLED in self.TRANSITIONS[self.State(self.state)]
