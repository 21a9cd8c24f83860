"""What is stored of identities: sealed blobs, shares, custodians' keys, requests to open one."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from intake.columns import SealedField, today
from intake.vault.roster import Custodian


class Identity(models.Model):
    """Who somebody says they are, sealed. An anonymous report has one too, and it looks alike.

    It goes 30 days after the report is closed, and with the report.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The database's own key takes the row away with the report: a reporter deletes by a function.
    report = models.OneToOneField(
        "intake.Report", on_delete=models.CASCADE, db_constraint=False, related_name="identity"
    )
    content = SealedField()

    def __str__(self) -> str:
        return f"identity of {self.report_id}"


class IdentityShare(models.Model):
    """One half of an identity's key, sealed for one custodian in a pair with another.

    `key` and `partner` are the names of their keys, in plain: the zone knows custodians from a
    file. A share is whole, or in two parts where two custodians resealed it for a third.
    """

    class Part(models.IntegerChoices):
        WHOLE = 0, "Whole"
        FIRST = 1, "First of two"
        SECOND = 2, "Second of two"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, db_constraint=False, related_name="shares"
    )
    key = models.UUIDField()
    partner = models.UUIDField()
    part = models.PositiveSmallIntegerField(choices=Part.choices, default=Part.WHOLE)
    sealed = SealedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity", "key", "partner", "part"], name="identity_share_once"
            ),
            models.CheckConstraint(
                condition=~Q(key=F("partner")), name="identity_share_is_of_two_keys"
            ),
            models.CheckConstraint(condition=Q(part__in=[0, 1, 2]), name="identity_share_part"),
        ]
        indexes = [models.Index(fields=["key", "part"], name="identity_share_by_key")]

    def __str__(self) -> str:
        return f"share of {self.identity_id}"


class CustodianKeyQuerySet(models.QuerySet["CustodianKey"]):
    def active(self) -> "CustodianKeyQuerySet":
        """Keys that open what was sealed: those of custodians who may approve."""
        return self.filter(state=CustodianKey.State.ACTIVE)

    def sealed_for(self) -> "CustodianKeyQuerySet":
        """Keys that new reports are sealed for: one for each person.

        Somebody whose new key is joining is sealed for by that one, and not by the old one.
        """
        joining = self.model.objects.filter(state=CustodianKey.State.JOINING)
        return self.filter(
            Q(state=CustodianKey.State.JOINING)
            | Q(state=CustodianKey.State.ACTIVE) & ~Q(user__in=joining.values("user"))
        )


class CustodianKey(models.Model):
    """A custodian's key pair. The private half is locked with a passphrase nobody stores.

    The first three are active at once, since nothing was sealed before. A later one waits until
    two custodians have resealed every live identity for it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for two custodians"
        JOINING = "joining", "Joining"
        ACTIVE = "active", "In force"
        ENDED = "ended", "Ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="custodian_keys"
    )
    state = models.CharField(max_length=8, choices=State.choices)
    public_key = models.BinaryField()
    locked_private = SealedField()
    salt = models.BinaryField(max_length=16)
    memory_kib = models.PositiveIntegerField()
    passes = models.PositiveSmallIntegerField()
    enrolled_on = models.DateField(default=today)
    ended_on = models.DateField(null=True)
    # The two who reseal what was sealed before, in this order.
    first_resealer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    second_resealer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = CustodianKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "joining", "active", "ended"]),
                name="custodian_key_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_on__isnull=False)
                | ~Q(state="ended") & Q(ended_on__isnull=True),
                name="custodian_key_ended_has_its_day",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state__in=["waiting", "joining"]),
                name="custodian_key_one_candidate",
            ),
            models.CheckConstraint(
                condition=Q(first_resealer__isnull=True, second_resealer__isnull=True)
                | Q(first_resealer__isnull=False, second_resealer__isnull=False)
                & ~Q(first_resealer=F("second_resealer"))
                & ~Q(first_resealer=F("user"))
                & ~Q(second_resealer=F("user")),
                name="custodian_key_resealed_by_two_others",
            ),
        ]

    def __str__(self) -> str:
        return f"custodian's key {self.pk}"

    @property
    def as_custodian(self) -> Custodian:
        """This key as the reports' side knows it."""
        return Custodian(self.pk, bytes(self.public_key))


KEY_TRANSITIONS: dict[CustodianKey.State, frozenset[CustodianKey.State]] = {
    CustodianKey.State.WAITING: frozenset({CustodianKey.State.JOINING, CustodianKey.State.ENDED}),
    CustodianKey.State.JOINING: frozenset({CustodianKey.State.ACTIVE, CustodianKey.State.ENDED}),
    CustodianKey.State.ACTIVE: frozenset({CustodianKey.State.ENDED}),
    CustodianKey.State.ENDED: frozenset(),
}


class IdentityRequestQuerySet(models.QuerySet["IdentityRequest"]):
    def live(self) -> "IdentityRequestQuerySet":
        """Requests that wait, and releases that can still be seen."""
        states = IdentityRequest.State
        return self.filter(state__in=[states.PENDING, states.RELEASED])

    def pending(self) -> "IdentityRequestQuerySet":
        return self.filter(state=IdentityRequest.State.PENDING)

    def of_requester(self, user: User) -> "IdentityRequestQuerySet":
        return self.filter(requester=user)

    def visible_to(self, user: User) -> "IdentityRequestQuerySet":
        """Requests a custodian decides on: those that wait, and none without a key in force."""
        if not user.has_perm("intake.approve_identity_release"):
            return self.none()
        if not CustodianKey.objects.active().filter(user=user).exists():
            return self.none()
        return self.pending().exclude(requester=user)


class IdentityRequest(models.Model):
    """A request to learn who sent a report, and what two custodians resealed for it.

    Each half is sealed to the request's own one-time key and bound to its id. The private half
    of that key is locked with words that only the requester was shown, so that the database
    opens nothing, with a release in it too.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waits for two custodians"
        RELEASED = "released", "Released"
        OBJECTED = "objected", "The reporter objected"
        REFUSED = "refused", "Refused by a custodian"
        WITHDRAWN = "withdrawn", "Withdrawn"
        ENDED = "ended", "Ended"

    class Answer(models.TextChoices):
        """What the reporter said. No time is kept: it would tell when they were online."""

        NONE = "", "No answer"
        CONSENT = "consent", "Consents"
        OBJECTION = "objection", "Objects"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(
        "intake.Report",
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="identity_requests",
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="identity_requests"
    )
    reason = models.CharField(max_length=500)
    # Why the reporter's 24 hours are not waited for. Empty where they are.
    emergency_reason = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    answer = models.CharField(max_length=9, choices=Answer.choices, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    objections_until = models.DateTimeField()
    one_time_public = models.BinaryField()
    one_time_private = SealedField(null=True)
    first_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    first_half = SealedField(null=True)
    second_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    second_half = SealedField(null=True)
    refused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    visible_until = models.DateTimeField(null=True)

    objects = IdentityRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "pending",
                        "released",
                        "objected",
                        "refused",
                        "withdrawn",
                        "ended",
                    ]
                ),
                name="identity_request_state_known",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=["", "consent", "objection"]),
                name="identity_request_answer_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="identity_request_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="objected", answer="objection")
                | ~Q(state="objected") & ~Q(answer="objection"),
                name="identity_request_objection_stops_it",
            ),
            models.CheckConstraint(
                condition=Q(first_approver__isnull=True) | ~Q(first_approver=F("requester")),
                name="identity_request_first_is_not_the_requester",
            ),
            models.CheckConstraint(
                condition=Q(second_approver__isnull=True)
                | Q(first_approver__isnull=False)
                & ~Q(second_approver=F("requester"))
                & ~Q(second_approver=F("first_approver")),
                name="identity_request_second_is_a_third_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="released")
                | Q(
                    first_half__isnull=False,
                    second_half__isnull=False,
                    first_approver__isnull=False,
                    second_approver__isnull=False,
                    visible_until__isnull=False,
                ),
                name="identity_request_released_by_two",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "released"])
                | Q(
                    first_half__isnull=True, second_half__isnull=True, one_time_private__isnull=True
                ),
                name="identity_request_over_keeps_no_half",
            ),
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state__in=["pending", "released"]),
                name="identity_request_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"request {self.pk}"

    @property
    def is_emergency(self) -> bool:
        return bool(self.emergency_reason)

    @property
    def may_be_approved_from(self) -> datetime | None:
        """When custodians may approve. None where they may at once."""
        if self.is_emergency or self.answer == self.Answer.CONSENT:
            return None
        return self.objections_until

    @property
    def waits_for_the_reporter(self) -> bool:
        """Tell whether the reporter still has time to object."""
        begins = self.may_be_approved_from
        return begins is not None and begins > timezone.now()

    @property
    def approvals(self) -> int:
        return sum(
            person is not None for person in (self.first_approver_id, self.second_approver_id)
        )


TRANSITIONS: dict[IdentityRequest.State, frozenset[IdentityRequest.State]] = {
    IdentityRequest.State.PENDING: frozenset(
        {
            IdentityRequest.State.RELEASED,
            IdentityRequest.State.OBJECTED,
            IdentityRequest.State.REFUSED,
            IdentityRequest.State.WITHDRAWN,
            IdentityRequest.State.ENDED,
        }
    ),
    IdentityRequest.State.RELEASED: frozenset({IdentityRequest.State.ENDED}),
    IdentityRequest.State.OBJECTED: frozenset(),
    IdentityRequest.State.REFUSED: frozenset(),
    IdentityRequest.State.WITHDRAWN: frozenset(),
    IdentityRequest.State.ENDED: frozenset(),
}
