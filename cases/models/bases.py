from django.db import models
from django.db.models import Q

from cases.models.decisions import Decision
from platforms.models import Enforcement, Hold
from sanctions.models import Designation


class HoldBasis(models.Model):
    """Why a hold was placed, and why it was released.

    A deferred trigger refuses, at commit, a hold without an approved decision behind it
    and a release without one of its own.
    """

    hold = models.OneToOneField(
        Hold, on_delete=models.PROTECT, primary_key=True, related_name="basis"
    )
    designation = models.ForeignKey(
        Designation, on_delete=models.PROTECT, null=True, blank=True, related_name="hold_bases"
    )
    placed_by_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="holds_placed"
    )
    released_by_decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_released"
    )
    release_ground = models.CharField(max_length=24, choices=Decision.Ground.choices, blank=True)

    class Meta:
        verbose_name_plural = "hold bases"
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by_decision__isnull=True, release_ground="")
                | (Q(released_by_decision__isnull=False) & ~Q(release_ground="")),
                name="hold_basis_release_has_decision_and_ground",
            )
        ]

    def __str__(self) -> str:
        return f"Basis of hold {self.hold_id}"


class RestoreBasis(models.Model):
    """The two-person decision behind one restore. Lifting the last hold restores nothing."""

    enforcement = models.OneToOneField(
        Enforcement, on_delete=models.PROTECT, primary_key=True, related_name="restore_basis"
    )
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, related_name="restore_basis"
    )

    class Meta:
        verbose_name_plural = "restore bases"

    def __str__(self) -> str:
        return f"Restore {self.enforcement_id} by decision {self.decision_id}"
