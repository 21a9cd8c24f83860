from datetime import datetime
from typing import ClassVar, TypeVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models import User

Grant = TypeVar("Grant", "CaseUserAccess", "CaseGroupAccess")


class AccessQuerySet(models.QuerySet[Grant]):
    def in_force(self, at: datetime) -> "AccessQuerySet[Grant]":
        """Grants that have not ended. guardian itself knows no end."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


class CaseAccess(models.Model):
    """What a grant to a person and one to a team share.

    A grant is never deleted and never lengthened: its end may only come closer. It names who
    gave it and why, and who ended it before its time.
    """

    content_object = models.ForeignKey("cases.Case", on_delete=models.CASCADE)
    reason = models.TextField(blank=True)
    granted_at = models.DateTimeField(default=timezone.now)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    end_reason = models.TextField(blank=True)

    class Meta:
        abstract = True


class CaseUserAccess(CaseAccess, UserObjectPermissionBase):
    """A restricted case opened to one person, until an end where one is set."""

    access = AccessQuerySet.as_manager()

    class Meta:
        # guardian's own rule, one row for ever, would forbid a second grant after an end.
        unique_together: ClassVar[list[str]] = []
        indexes = [models.Index(fields=["user", "content_object"], name="case_access_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} may see {self.content_object_id}"


class CaseGroupAccess(CaseAccess, GroupObjectPermissionBase):
    """A restricted case opened to a team, until an end where one is set."""

    access = AccessQuerySet.as_manager()

    class Meta:
        unique_together: ClassVar[list[str]] = []
        indexes = [models.Index(fields=["group", "content_object"], name="case_access_by_team")]

    def __str__(self) -> str:
        return f"{self.group_id} may see {self.content_object_id}"


class CaseOpeningQuerySet(models.QuerySet["CaseOpening"]):
    def in_force(self, at: datetime) -> "CaseOpeningQuerySet":
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))


class CaseOpening(models.Model):
    """Whoever is let into a case, by whatever way: a view over every kind of grant.

    A grant to the person, one to a team of theirs, and for the case of a report one to open that
    report. It is read with every page, so it is one question and not three.
    """

    pk = models.CompositePrimaryKey("case", "user")
    case = models.ForeignKey("cases.Case", on_delete=models.DO_NOTHING, related_name="+")
    user = models.ForeignKey(User, on_delete=models.DO_NOTHING, related_name="+")
    ends_at = models.DateTimeField(null=True)

    objects = CaseOpeningQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "cases_opening"

    def __str__(self) -> str:
        return f"{self.case_id} is open to {self.user_id}"


class RecusalQuerySet(models.QuerySet["Recusal"]):
    def standing(self) -> "RecusalQuerySet":
        """Recusals that nobody has ended."""
        return self.filter(ending__isnull=True)


class Recusal(models.Model):
    """A person steps away from a case: a conflict of interest removes their own access.

    It is written once. Only somebody else ends it, by a row of its own.
    """

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="recusals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recusals")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    objects = RecusalQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["case", "user"], name="recusal_by_case_user")]

    def __str__(self) -> str:
        return f"{self.user_id} steps away from {self.case_id}"


class RecusalEnd(models.Model):
    """Somebody else found that the conflict is over. A trigger refuses the recused person."""

    recusal = models.OneToOneField(Recusal, on_delete=models.PROTECT, related_name="ending")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="recusal_end_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"End of {self.recusal_id}"
