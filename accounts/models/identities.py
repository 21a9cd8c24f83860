from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.users import User


class ProviderIdentityQuerySet(models.QuerySet["ProviderIdentity"]):
    def standing(self) -> "ProviderIdentityQuerySet":
        return self.filter(ended_at__isnull=True)


class ProviderIdentity(models.Model):
    """Who somebody is to the provider of single sign-on: its address, and its name for them.

    Written at the first sign-in and never moved to another person. It ends with the account.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="provider_identities")
    issuer = models.CharField(max_length=300)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ProviderIdentityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(issuer="") & ~Q(subject=""), name="provider_identity_is_named"
            ),
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                condition=Q(ended_at__isnull=True),
                name="provider_identity_of_one_person",
            ),
            models.UniqueConstraint(
                fields=["user", "issuer"],
                condition=Q(ended_at__isnull=True),
                name="provider_identity_one_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.issuer}"
