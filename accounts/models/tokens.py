from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models.users import User


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def usable(self, at: datetime | None = None) -> "ApiTokenQuerySet":
        """Tokens that open the API at the given time, now unless told otherwise."""
        return self.filter(
            revoked_at__isnull=True, expires_at__gt=at or timezone.now(), user__is_active=True
        )


class ApiToken(models.Model):
    """A key for programs, bound to one person or service account, with scopes and an end.

    Only its SHA-256 is kept. Its scopes are permission names, and it never opens more than
    its owner may do at that moment.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=64))
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="api_tokens_made"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="api_token_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="api_token_has_scopes"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} ({self.name})"

    @property
    def state(self) -> str:
        """One word for a list: in use, expired or revoked."""
        if self.revoked_at:
            return "revoked"
        return "in use" if self.expires_at > timezone.now() else "expired"
