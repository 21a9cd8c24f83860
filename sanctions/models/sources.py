from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.utils import timezone


class SourceQuerySet(models.QuerySet["Source"]):
    def due(self, at: datetime) -> "SourceQuerySet":
        """Sources in use whose cadence has passed since their publisher last answered."""
        cadence = ExpressionWrapper(
            F("cadence_minutes") * Value(timedelta(minutes=1)), output_field=DurationField()
        )
        return self.exclude(urls=[]).filter(
            Q(checked_at__isnull=True) | Q(checked_at__lte=Value(at) - cadence),
            Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=at),
            is_active=True,
        )


class Source(models.Model):
    """A sanctions list, where its publisher puts it, and whether it could be had lately."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=20, help_text="As on the case page: OFAC, EU, UK")
    publisher = models.CharField(max_length=160)
    urls = ArrayField(models.URLField(max_length=500), default=list)
    allowed_hosts = ArrayField(
        models.CharField(max_length=255),
        default=list,
        help_text="Hosts a download may be redirected to; a leading dot takes subdomains",
    )
    cadence_minutes = models.PositiveIntegerField(default=60)
    is_active = models.BooleanField(default=True)
    etag = models.CharField(max_length=255, blank=True)
    last_modified = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When a list last came, new or not"
    )
    next_attempt_at = models.DateTimeField(null=True, blank=True, editable=False)
    failures_in_a_row = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    failure = models.TextField(
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Why the last attempt brought no list",
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(failures_in_a_row=0, failure="")
                | (Q(failures_in_a_row__gt=0) & ~Q(failure="")),
                name="source_failure_has_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def cadence(self) -> timedelta:
        """How often the publisher is asked."""
        return timedelta(minutes=self.cadence_minutes)

    def record_answer(self, at: datetime, *also: str) -> None:
        """A list came, new or not, believed or not. Saves this and the fields named `also`."""
        self.checked_at, self.failures_in_a_row, self.failure = at, 0, ""
        self.save(update_fields=["checked_at", "failures_in_a_row", "failure", *also])


class ListVersionQuerySet(models.QuerySet["ListVersion"]):
    def accepted(self) -> "ListVersionQuerySet":
        return self.filter(state=ListVersion.State.ACCEPTED)

    def unscreened(self) -> "ListVersionQuerySet":
        """Accepted versions whose changes were not searched for among all profiles."""
        return self.accepted().filter(screening__isnull=True)


class ListVersion(models.Model):
    """One download of a list: accepted, or quarantined with the reason.

    A quarantined version changes nothing: the last accepted one keeps serving.
    """

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        QUARANTINED = "quarantined", "Quarantined"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices)
    format = models.CharField(max_length=40, blank=True)
    published_on = models.DateField(null=True, blank=True)
    fetched_at = models.DateTimeField(default=timezone.now)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.PositiveBigIntegerField(default=0)
    raw_path = models.CharField(max_length=400, blank=True, help_text="Below the media root")
    entries = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    delisted = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    warnings = models.JSONField(default=list, blank=True)

    objects = ListVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "number"], name="list_version_number_unique"),
            models.CheckConstraint(
                condition=Q(state="accepted", reason_code="")
                | (Q(state="quarantined") & ~Q(reason_code="")),
                name="list_version_quarantine_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["source", "state", "-number"], name="list_version_latest")]

    def __str__(self) -> str:
        return f"{self.source}, version {self.number}"
