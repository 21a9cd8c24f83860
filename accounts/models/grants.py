from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User
from accounts.roles import Role


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self, at: datetime | None = None) -> "RoleGrantQuerySet":
        """Grants that count at the given time, now unless told otherwise."""
        moment = at or timezone.now()
        return self.filter(starts_at__lte=moment).filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=moment)
        )


class RoleGrant(models.Model):
    """One role given to one person, with the reason and, where set, its end."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_grants")
    role = models.CharField(max_length=32, choices=Role.choices)
    reason = models.TextField()
    granted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="grants_given"
    )
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

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
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ends_at__isnull=True),
                name="role_grant_one_open_per_role",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
