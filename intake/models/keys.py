"""The keys of reports: epochs, and each report's key wrapped for who opens it."""

import uuid

from django.db import models
from django.db.models import F, Q

from intake.columns import SealedField, today
from intake.models.reports import Report


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
