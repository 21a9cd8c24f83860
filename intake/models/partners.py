"""Organisations that hand out codes, and the codes that nobody has used yet."""

from django.db import models
from django.db.models import Q

from intake.columns import today


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
