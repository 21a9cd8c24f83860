from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class PolicyQuerySet(models.QuerySet["Policy"]):
    def in_force(self, on: date) -> "PolicyQuerySet":
        """The version of each policy that counts on that day."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))


class Policy(models.Model):
    """One version of one row of counsel's table: program, legal basis, permitted outcomes.

    Laws vary by circumstance: a listing under one program obliges more than one under
    another. Counsel keeps this table and people decide; nothing here decides law. A row is
    never edited once a decision quotes it: a new version replaces it.
    """

    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=1, help_text="Version of this policy")
    title = models.CharField(max_length=200)
    legal_basis = models.CharField(max_length=300)
    programs = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text="Program names it applies to; empty for policies that need no program",
    )
    permitted_outcomes = ArrayField(models.CharField(max_length=24), default=list)
    guidance = models.TextField(blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "policies"
        ordering = ["code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["code", "number"], name="policy_version_unique"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="policy_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.number})"
