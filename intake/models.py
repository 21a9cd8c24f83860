"""What is stored of reports: sealed bytes, days instead of times, keys nobody can count up."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils import timezone

from accounts.models import User
from intake import terms
from intake.columns import SealedField, today
from intake.vault.models import CustodianKey, Identity, IdentityRequest, IdentityShare

# Django finds models by this module; those of the vault are in a room of their own.
__all__ = [
    "HOLD_TRANSITIONS",
    "TRANSITIONS",
    "Attachment",
    "AttemptCount",
    "CustodianKey",
    "Identity",
    "IdentityRequest",
    "IdentityShare",
    "KeyEpoch",
    "KeyWrap",
    "LegalHold",
    "Message",
    "PartnerCode",
    "PartnerOrganisation",
    "Report",
    "ReportGrant",
    "ReportQuerySet",
    "SealedField",
    "SpentChallenge",
    "ZoneSession",
    "today",
]

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


class KeyEpoch(models.Model):
    """What the database may know of a key epoch: its name, its days, whether it is gone."""

    kid = models.CharField(max_length=32, primary_key=True)
    number = models.PositiveIntegerField(unique=True)
    begun_on = models.DateField()
    destroyed_on = models.DateField(null=True)
    # Only reports under legal hold rest on it, and no rotation moves them.
    is_for_holds = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(destroyed_on__isnull=True) | Q(destroyed_on__gte=F("begun_on")),
                name="key_epoch_destroyed_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class KeyWrap(models.Model):
    """A report's key, wrapped once for the desk and once for the reporter.

    `day` is the day it was made. `kid` is a plain name: the zone knows epochs from its files.
    """

    class Holder(models.TextChoices):
        DESK = "desk", "Desk"
        REPORTER = "reporter", "Reporter"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="wraps")
    holder = models.CharField(max_length=8, choices=Holder.choices)
    kid = models.CharField(max_length=32)
    day = models.DateField(default=today)
    wrapped = SealedField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(holder__in=["desk", "reporter"]), name="key_wrap_holder_known"
            ),
            models.UniqueConstraint(fields=["report", "holder"], name="key_wrap_one_per_holder"),
        ]
        indexes = [models.Index(fields=["kid"], name="key_wrap_by_epoch")]

    def __str__(self) -> str:
        return f"wrap of {self.report_id} for the {self.holder}"


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


class Attachment(models.Model):
    """One file that came with a report: its original, its clean copy, or both, sealed on disk.

    Until its report is sent it belongs to the reporter's session and goes with it. `original`
    and `cleaned` are names in the media directory, empty where there is no such file. What the
    file is called, its kind, size and hash are in `details`, what became of it in `finding`.
    No time is kept: it would tell when somebody was online.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for its clean copy"
        CLEAN = "clean", "Clean copy"
        REFUSED = "refused", "Refused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Both constraints are in the migration: the database deletes the row with what it belongs to.
    report = models.ForeignKey(
        Report,
        null=True,
        on_delete=models.CASCADE,
        related_name="attachments",
        db_constraint=False,
    )
    session = models.ForeignKey(
        "ZoneSession",
        null=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    original = models.CharField(max_length=32, blank=True)
    cleaned = models.CharField(max_length=32, blank=True)
    details = SealedField()
    finding = SealedField(null=True)
    # What became of a file is put on record by night: see `intake.attachments.cleaning.record`.
    is_recorded = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "clean", "refused"]),
                name="attachment_state_known",
            ),
            models.CheckConstraint(
                condition=Q(report__isnull=False, session__isnull=True)
                | Q(report__isnull=True, session__isnull=False, state="waiting"),
                name="attachment_of_a_report_or_a_session",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", cleaned="", finding__isnull=True) & ~Q(original="")
                | Q(state="clean", finding__isnull=False) & ~Q(cleaned="")
                | Q(state="refused", cleaned="", finding__isnull=False),
                name="attachment_has_what_its_state_says",
            ),
            models.UniqueConstraint(
                fields=["original"], condition=~Q(original=""), name="attachment_original_once"
            ),
            models.UniqueConstraint(
                fields=["cleaned"], condition=~Q(cleaned=""), name="attachment_cleaned_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(state="waiting", report__isnull=False),
                name="attachment_due",
            ),
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


# A file is settled once. To have another try, its reporter sends it again.
ATTACHMENT_TRANSITIONS: dict[Attachment.State, frozenset[Attachment.State]] = {
    Attachment.State.WAITING: frozenset({Attachment.State.CLEAN, Attachment.State.REFUSED}),
    Attachment.State.CLEAN: frozenset(),
    Attachment.State.REFUSED: frozenset(),
}


class PartnerOrganisation(models.Model):
    """An organisation that was vetted, and hands out codes to people it trusts."""

    name = models.CharField(max_length=120, unique=True)
    reason = models.CharField(max_length=500)
    vetted_on = models.DateField(default=today)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="partner_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.name


class PartnerCode(models.Model):
    """One code that nobody has used yet. Its hash is kept, and the row goes when it is used."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    organisation = models.ForeignKey(
        PartnerOrganisation, on_delete=models.CASCADE, related_name="codes"
    )

    def __str__(self) -> str:
        return f"code of {self.organisation_id}"


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

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="grants")
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


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def in_force(self) -> "LegalHoldQuerySet":
        return self.filter(state=LegalHold.State.IN_FORCE, ends_on__gte=today())

    def visible_to(self, user: User) -> "LegalHoldQuerySet":
        """Holds that wait for counsel, and those in force. Nothing of the reports opens with it."""
        if not user.has_perm("intake.agree_legal_hold"):
            return self.none()
        return self.filter(state__in=[LegalHold.State.PROPOSED, LegalHold.State.IN_FORCE])


class LegalHold(models.Model):
    """That the law makes us keep one report until a day. It takes two people, and ends.

    It stops retention and nothing else: its reporter may delete the report, and who they are
    is erased on its day.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Waits for legal counsel"
        IN_FORCE = "in_force", "In force"
        REFUSED = "refused", "Refused"
        ENDED = "ended", "Ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # The database's own key takes the row away with the report: a reporter deletes by a function.
    report = models.ForeignKey(
        Report, on_delete=models.CASCADE, db_constraint=False, related_name="legal_holds"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_on = models.DateField(default=today)
    ends_on = models.DateField()

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "in_force", "refused", "ended"]),
                name="legal_hold_state_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("proposed_by")),
                name="legal_hold_takes_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(agreed_by__isnull=False),
                name="legal_hold_in_force_was_agreed_to",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("proposed_on"))
                & Q(ends_on__lte=F("proposed_on") + timedelta(days=terms.HOLD_DAYS_AT_MOST)),
                name="legal_hold_ends",
            ),
            models.UniqueConstraint(
                fields=["report"],
                condition=Q(state__in=["proposed", "in_force"]),
                name="legal_hold_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold of {self.report_id}"


HOLD_TRANSITIONS: dict[LegalHold.State, frozenset[LegalHold.State]] = {
    LegalHold.State.PROPOSED: frozenset({LegalHold.State.IN_FORCE, LegalHold.State.REFUSED}),
    LegalHold.State.IN_FORCE: frozenset({LegalHold.State.ENDED}),
    LegalHold.State.REFUSED: frozenset(),
    LegalHold.State.ENDED: frozenset(),
}


class ZoneSession(models.Model):
    """A reporter's session. Its content opens only with the half that the cookie holds.

    `digest` is the hash of the cookie's other half. `ends_at` is rounded up to five minutes.
    """

    digest = models.BinaryField(max_length=32, primary_key=True)
    content = SealedField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return "session of a reporter"


class SpentChallenge(models.Model):
    """A proof that was used. Its digest is unique, so no proof is accepted twice."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    day = models.DateField(default=today)

    def __str__(self) -> str:
        return "spent challenge"


class AttemptCount(models.Model):
    """How often something was tried in one window of time, by everybody together."""

    kind = models.CharField(max_length=16)
    window = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "window"], name="attempt_count_per_window"),
        ]

    def __str__(self) -> str:
        return f"{self.attempts} of {self.kind}"
