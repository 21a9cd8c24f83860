from datetime import datetime
from typing import TypeVar

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


class CaseUserAccess(UserObjectPermissionBase):
    """A restricted case opened to one person, until an end where one is set."""

    content_object = models.ForeignKey("cases.Case", on_delete=models.CASCADE)
    reason = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    access = AccessQuerySet.as_manager()

    class Meta(UserObjectPermissionBase.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.user_id} may see {self.content_object_id}"


class CaseGroupAccess(GroupObjectPermissionBase):
    """A restricted case opened to a team, until an end where one is set."""

    content_object = models.ForeignKey("cases.Case", on_delete=models.CASCADE)
    reason = models.TextField(blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    access = AccessQuerySet.as_manager()

    class Meta(GroupObjectPermissionBase.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.group_id} may see {self.content_object_id}"


class Recusal(models.Model):
    """A person steps away from a case: a conflict of interest removes their own access."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="recusals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recusals")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="recusal_once")]

    def __str__(self) -> str:
        return f"{self.user_id} steps away from {self.case_id}"
