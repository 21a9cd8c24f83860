from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from cases.models.cases import Case
from cases.models.policies import Policy
from platforms.models import Hold, Profile
from sanctions.models import Designation, ListVersion


class Decision(models.Model):
    """An outcome for one profile, with the policy, the legal basis and the reasons.

    Restoring, releasing a hold and suspending a profile of high reach take two people:
    `needs_second` is set when it is proposed, and the database lets no hold or restore rest
    on a decision that still waits for its second person.
    """

    class Outcome(models.TextChoices):
        SUSPEND = "suspend", "Take down"
        KEEP_DOWN = "keep_down", "Keep down"
        NO_ACTION = "no_action", "Another person"
        KEEP_UP = "keep_up", "Leave up, with a basis"
        NEED_MORE = "need_more", "Need more"
        COUNSEL = "counsel", "Counsel"
        RELEASE_HOLD = "release_hold", "Release a hold"
        RESTORE = "restore", "Restore"

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waiting for a second person"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    class Ground(models.TextChoices):
        DELISTED = "delisted", "Delisted"
        MISIDENTIFIED = "misidentified", "Misidentified"
        LICENCE = "licence", "Licence or exemption"
        ORDER_ENDED = "order_ended", "Order or request ended"
        POLICY_ENDED = "policy_ended", "Policy no longer met"

    TRANSITIONS = {
        State.PROPOSED: {State.APPROVED, State.REJECTED, State.WITHDRAWN},
        State.APPROVED: set(),
        State.REJECTED: set(),
        State.WITHDRAWN: set(),
    }
    ALWAYS_TWO_PEOPLE = frozenset({Outcome.RELEASE_HOLD, Outcome.RESTORE})
    ABOUT_A_PROFILE = frozenset({Outcome.SUSPEND, Outcome.RELEASE_HOLD, Outcome.RESTORE})

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    case_version = models.PositiveIntegerField(help_text="The version the proposer saw")
    profile = models.ForeignKey(
        Profile, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    outcome = models.CharField(max_length=24, choices=Outcome.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.PROPOSED)
    needs_second = models.BooleanField()
    needs_second_because = models.CharField(max_length=200, blank=True)
    policy = models.ForeignKey(
        Policy, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    legal_basis = models.CharField(max_length=300, blank=True, help_text="Quoted when proposed")
    ground = models.CharField(max_length=24, choices=Ground.choices, blank=True)
    list_version = models.ForeignKey(
        ListVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    designations = models.ManyToManyField(Designation, related_name="decisions", blank=True)
    reasons = models.TextField()
    proposer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions_proposed")
    proposed_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # What the approval's composite foreign key points at.
            models.UniqueConstraint(fields=["id", "proposer"], name="decision_and_its_proposer"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="proposed"), name="decision_one_waiting_per_case"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "rejected", "withdrawn"]),
                name="decision_state_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["restore", "release_hold"]) | Q(needs_second=True),
                name="decision_restore_and_release_take_two",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="release_hold") | ~Q(ground=""),
                name="decision_release_has_a_ground",
            ),
            models.CheckConstraint(
                condition=~Q(ground="delisted") | Q(list_version__isnull=False),
                name="decision_delisting_names_the_list_version",
            ),
            models.CheckConstraint(condition=~Q(reasons=""), name="decision_has_reasons"),
            models.CheckConstraint(
                condition=~Q(outcome__in=["suspend", "release_hold", "restore"])
                | Q(profile__isnull=False),
                name="decision_to_act_names_a_profile",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "suspend",
                        "keep_down",
                        "no_action",
                        "keep_up",
                        "need_more",
                        "counsel",
                        "release_hold",
                        "restore",
                    ]
                ),
                name="decision_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    ground__in=[
                        "",
                        "delisted",
                        "misidentified",
                        "licence",
                        "order_ended",
                        "policy_ended",
                    ]
                ),
                name="decision_ground_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["proposed_at"], condition=Q(state="proposed"), name="decision_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.get_state_display()}"


class Approval(models.Model):
    """A second person's yes or no.

    `proposer` is copied through a composite foreign key, so the database itself can refuse
    a person who answers their own proposal.
    """

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="approval")
    proposer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, related_name="approvals_given")
    is_approved = models.BooleanField()
    reason = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(approver=F("proposer")), name="approval_by_another_person"
            ),
            models.CheckConstraint(
                condition=Q(is_approved=True) | ~Q(reason=""), name="approval_refusal_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{'Yes' if self.is_approved else 'No'} by {self.approver_id}"


class DecisionHold(models.Model):
    """A hold that a decision proposes to release."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="decision_holds")
    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="decision_holds")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "hold"], name="decision_hold_once")
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} releases {self.hold_id}"


class DecisionParticipant(models.Model):
    """Who took part in a decision. Whoever reviews its appeal must not be among them."""

    class Part(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ANSWERED = "answered", "Answered"

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=16, choices=Part.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "user", "part"], name="decision_participant_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.part} {self.decision_id}"
