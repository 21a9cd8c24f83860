from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from sanctions.models.sources import ListVersion, Source


class DesignationQuerySet(models.QuerySet["Designation"]):
    def listed(self) -> "DesignationQuerySet":
        return self.filter(delisted_at__isnull=True)


class Designation(models.Model):
    """One entry on one list, through all its versions. Never deleted."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        ORGANISATION = "organisation", "Organisation"
        VESSEL = "vessel", "Vessel"
        AIRCRAFT = "aircraft", "Aircraft"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="designations")
    entry_key = models.CharField(max_length=120, help_text="The publisher's own number")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    primary_name = models.CharField(max_length=1000)
    programs = ArrayField(models.CharField(max_length=120), default=list)
    current_version = models.ForeignKey(
        "DesignationVersion", on_delete=models.PROTECT, null=True, related_name="+"
    )
    listed_at = models.DateTimeField(default=timezone.now)
    delisted_at = models.DateTimeField(null=True, blank=True)

    objects = DesignationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "entry_key"], name="designation_unique_on_its_list"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "primary_name", "id"],
                condition=Q(delisted_at__isnull=True),
                name="designation_listed_by_name",
            )
        ]

    def __str__(self) -> str:
        return f"{self.primary_name} ({self.source.short_name} {self.entry_key})"

    @property
    def is_listed(self) -> bool:
        return self.delisted_at is None


class DesignationVersion(models.Model):
    """What a list said about one entry, from one list version until another.

    `content` is the canonical form (`sanctions.formats.ListEntry`); a delisting is a
    version too, with the content it had last.
    """

    class Change(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        DELISTED = "delisted", "Delisted"

    designation = models.ForeignKey(Designation, on_delete=models.PROTECT, related_name="versions")
    list_version = models.ForeignKey(
        ListVersion, on_delete=models.PROTECT, related_name="designation_versions"
    )
    number = models.PositiveIntegerField()
    change = models.CharField(max_length=16, choices=Change.choices)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    diff = models.JSONField(default=dict)
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["designation", "number"], name="designation_version_number_unique"
            ),
            models.UniqueConstraint(
                fields=["designation"],
                condition=Q(valid_to__isnull=True),
                name="designation_version_one_current",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="designation_version_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["list_version", "change"], name="designation_version_in_list")
        ]

    def __str__(self) -> str:
        return f"{self.designation_id}, version {self.number} ({self.change})"
