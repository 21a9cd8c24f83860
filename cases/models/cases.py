from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import RoleGrant, User
from accounts.roles import roles_with
from cases.models.access import CaseGroupAccess, CaseOpening, CaseUserAccess, Recusal
from platforms.models import Incident, Profile
from sanctions.models import Designation, Match

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User | AnonymousUser) -> CaseQuerySet:
        """Cases this person may know of. It starts from nothing.

        A desk role opens every case that is not restricted; a restricted one takes a grant
        that has not ended. The case of a confidential report takes one too, or a grant to open
        that report. A recusal closes any case, whatever else was given.
        """
        if not isinstance(user, User) or not user.has_perm("cases.view_case"):
            return self.none()
        let_in = CaseOpening.objects.in_force(timezone.now()).filter(user=user)
        recused = Recusal.objects.standing().filter(user=user)
        open_to_desk = Q(is_restricted=False) & ~Q(kind=Case.Kind.REPORT)
        # Sets of the reader's own, and no condition on each case: PostgreSQL reads each of them
        # once for a page, and only when a case is met that no desk role opens.
        return self.filter(open_to_desk | Q(pk__in=let_in.values("case"))).exclude(
            pk__in=recused.values("case")
        )

    def without_keeper(self) -> CaseQuerySet:
        """Restricted cases that nobody who can open them may open to others.

        A grant with an end makes no keeper: nobody has to act on the day that it ends.
        """
        managing = RoleGrant.objects.in_force().filter(role__in=roles_with("cases.manage_access"))
        lasting = Q(content_object=OuterRef(OuterRef("pk")), ends_at__isnull=True)
        recused = Recusal.objects.standing().filter(case=OuterRef(OuterRef("pk")))
        keepers = User.objects.filter(
            Exists(CaseUserAccess.access.filter(lasting, user=OuterRef("pk")))
            | Exists(CaseGroupAccess.access.filter(lasting, group__user=OuterRef("pk"))),
            Exists(managing.filter(user=OuterRef("pk"))),
            ~Exists(recused.filter(user=OuterRef("pk"))),
            is_active=True,
        )
        return self.filter(is_restricted=True).exclude(Exists(keepers))

    def waiting_for_keeper(self) -> CaseQuerySet:
        """Those whose keeper an administrator names.

        The case of a report is none of them: it is known to its grants alone.
        """
        return self.without_keeper().exclude(kind=Case.Kind.REPORT)

    def unsettled(self) -> CaseQuerySet:
        return self.exclude(state=Case.State.CLOSED)

    def leased_by(self, user: User, at: datetime) -> CaseQuerySet:
        return self.filter(lease_holder=user, lease_ends_at__gt=at)

    def free_at(self, at: datetime) -> CaseQuerySet:
        """Cases that nobody holds at that time."""
        return self.filter(Q(lease_ends_at__isnull=True) | Q(lease_ends_at__lte=at))

    def asking_about_delisting(
        self,
        *,
        profile: Profile | OuterRef,
        designation: Designation | OuterRef,
        delisted_at: datetime | OuterRef,
    ) -> CaseQuerySet:
        """Cases that ask, or asked, what this delisting means.

        One that was closed before it was about an earlier delisting of the same entry.
        """
        return self.filter(
            Q(closed_at__isnull=True) | Q(closed_at__gte=delisted_at),
            kind=Case.Kind.DELISTING,
            case_profiles__profile=profile,
            case_designations__designation=designation,
        )

    def overdue_at(self, at: datetime) -> CaseQuerySet:
        return self.unsettled().filter(due_at__lt=at)


class Case(models.Model):
    """One subject's open question, with a clock and, once taken, one reviewer.

    `version` moves with holds, matches, evidence and state, and not with notes: every write
    names the version it was based on, and a stale page is refused with the change shown.
    """

    class Kind(models.TextChoices):
        MATCH = "match", "Designation match"
        REPORT = "report", "Confidential report"
        BAN_EVASION = "ban_evasion", "Successor account"
        NETWORK = "network", "Network"
        INCIDENT = "incident", "Drift"
        AUTHORITY_REQUEST = "authority_request", "Authority request"
        DELISTING = "delisting", "Delisting"
        APPEAL = "appeal", "Appeal"

    class State(models.TextChoices):
        OPEN = "open", "Undecided"
        WAITING = "waiting", "Needs more"
        WITH_COUNSEL = "with_counsel", "With counsel"
        PROPOSED = "proposed", "Waiting for a second reviewer"
        CLOSED = "closed", "Decided"

    class Priority(models.IntegerChoices):
        """The most urgent is the lowest number, so that the queue's orders run one way."""

        URGENT = 0, "Urgent"
        RAISED = 1, "Raised"
        ROUTINE = 2, "Routine"

    # One open primary case per profile; the other kinds are linked cases beside it. The case of
    # a report is none: a match that came later would join it, and be hidden with it.
    PRIMARY_KINDS = frozenset({Kind.MATCH, Kind.BAN_EVASION})

    number = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.ROUTINE)
    question = models.CharField(max_length=300, help_text="What has to be decided")
    opened_because = models.CharField(max_length=300, help_text="The signal, in words")
    version = models.PositiveIntegerField(default=1)
    is_restricted = models.BooleanField(default=False)
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    clock_began_at = models.DateTimeField(
        default=timezone.now, help_text="For a match: when the list was published"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    reach = models.PositiveBigIntegerField(default=0, help_text="Of its largest profile")
    assignee = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_assigned"
    )
    lease_holder = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="cases_leased"
    )
    lease_ends_at = models.DateTimeField(null=True, blank=True)
    profiles = models.ManyToManyField(Profile, through="CaseProfile", related_name="cases")
    designations = models.ManyToManyField(
        Designation, through="CaseDesignation", related_name="cases"
    )
    matches = models.ManyToManyField(Match, through="CaseMatch", related_name="cases")
    incidents = models.ManyToManyField(Incident, through="CaseIncident", related_name="cases")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "waiting", "with_counsel", "proposed", "closed"]),
                name="case_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "match",
                        "report",
                        "ban_evasion",
                        "network",
                        "incident",
                        "authority_request",
                        "delisting",
                        "appeal",
                    ]
                ),
                name="case_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at__isnull=True)),
                name="case_closed_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(lease_holder__isnull=True, lease_ends_at__isnull=True)
                | Q(lease_holder__isnull=False, lease_ends_at__isnull=False),
                name="case_lease_has_a_holder_and_an_end",
            ),
        ]
        # One for each order of the queue, over the cases that are not settled. Every column of
        # an index runs the same way, so that a page begins by one comparison of rows.
        indexes = [
            models.Index(
                fields=["due_at", "number"], condition=~Q(state="closed"), name="case_by_due"
            ),
            models.Index(
                fields=["priority", "due_at", "number"],
                condition=~Q(state="closed"),
                name="case_by_priority",
            ),
            models.Index(
                fields=["-reach", "-number"], condition=~Q(state="closed"), name="case_by_reach"
            ),
            models.Index(
                fields=["-opened_at", "-number"],
                condition=~Q(state="closed"),
                name="case_by_opened",
            ),
            models.Index(
                fields=["kind", "due_at", "number"],
                condition=~Q(state="closed"),
                name="case_by_kind_due",
            ),
            models.Index(
                fields=["state", "due_at", "number"],
                condition=~Q(state="closed"),
                name="case_by_state_due",
            ),
            models.Index(
                fields=["lease_holder", "lease_ends_at"],
                condition=Q(lease_holder__isnull=False),
                name="case_by_lease",
            ),
            models.Index(fields=["-closed_at", "number"], name="case_by_closed"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"HF-{self.number}"

    @property
    def takes_a_grant(self) -> bool:
        """Whether a desk role alone does not open it."""
        return self.is_restricted or self.kind == self.Kind.REPORT

    @property
    def is_settled(self) -> bool:
        return self.state == self.State.CLOSED

    def lease_in_force(self, at: datetime) -> bool:
        return self.lease_ends_at is not None and self.lease_ends_at > at


class CaseProfile(models.Model):
    """A profile that a case is about. At most one open primary case holds a profile.

    `is_open` follows the case's state by a trigger, and cannot be written otherwise.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_profiles")
    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="case_profiles")
    is_primary = models.BooleanField()
    is_open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "profile"], name="case_profile_once"),
            models.UniqueConstraint(
                fields=["profile"],
                condition=Q(is_primary=True, is_open=True),
                name="case_profile_one_open_primary",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} about {self.profile_id}"


class CaseDesignation(models.Model):
    """A designation that a case is about."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_designations")
    designation = models.ForeignKey(
        Designation, on_delete=models.PROTECT, related_name="case_designations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "designation"], name="case_designation_once")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} about {self.designation_id}"


class CaseMatch(models.Model):
    """A match that a case has to settle."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_matches")
    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="case_matches")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "match"], name="case_match_once")]

    def __str__(self) -> str:
        return f"{self.case_id} settles {self.match_id}"


class CaseIncident(models.Model):
    """An incident whose cause a case has to find."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="case_incidents")
    incident = models.OneToOneField(Incident, on_delete=models.PROTECT, related_name="case_link")

    def __str__(self) -> str:
        return f"{self.case_id} looks into {self.incident_id}"
