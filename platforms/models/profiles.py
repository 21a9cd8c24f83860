from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from platforms.models.platforms import Platform


class ObservedState(models.TextChoices):
    """What the platform said when we last read it. Not read is not the same as down."""

    NOT_READ = "not_read", "Not read yet"
    ACTIVE = "active", "Up"
    WITHHELD = "withheld", "Withheld in a territory"
    SUSPENDED = "suspended", "Down"
    SUSPENDED_BY_PLATFORM = "suspended_by_platform", "Down, by the platform"
    DEACTIVATED = "deactivated", "Deactivated by its owner"
    GONE = "gone", "Gone"
    UNREADABLE = "unreadable", "Could not be read"


# A cadence that passed three times without an answer is silence, and silence is shown.
CADENCES_UNTIL_STALE = 3


class ProfileQuerySet(models.QuerySet["Profile"]):
    def held(self) -> "ProfileQuerySet":
        """Profiles with at least one hold that stands."""
        return self.filter(is_held=True)

    def not_read_since(self, moment: datetime) -> "ProfileQuerySet":
        """Profiles whose last reading is older than that, and those never read."""
        return self.filter(Q(observed_at__lt=moment) | Q(observed_at__isnull=True))

    def due_for_reading(self, at: datetime) -> "ProfileQuerySet":
        """Held profiles whose next read has come, the longest waiting first."""
        return self.held().filter(next_read_at__lte=at).order_by("next_read_at", "pk")


class Profile(models.Model):
    """An account on a platform, as it was last seen."""

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="profiles")
    external_id = models.CharField(max_length=255)
    handle = models.CharField(max_length=255)
    display_name = models.CharField(max_length=500, blank=True)
    bio = models.TextField(blank=True)
    links = ArrayField(models.CharField(max_length=2000), default=list, blank=True)
    country = models.CharField(max_length=80, blank=True)
    date_of_birth = models.CharField(max_length=40, blank=True, help_text="As the platform has it")
    image_fingerprints = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    is_verified = models.BooleanField(default=False)
    reach = models.PositiveBigIntegerField(default=0, help_text="Followers")
    account_created_at = models.DateTimeField(null=True, blank=True)
    version_number = models.PositiveIntegerField(default=0)
    observed_state = models.CharField(
        max_length=32, choices=ObservedState.choices, default=ObservedState.NOT_READ
    )
    observed_at = models.DateTimeField(null=True, blank=True)
    last_down_at = models.DateTimeField(null=True, blank=True)
    is_held = models.BooleanField(
        default=False, editable=False, help_text="Kept by a trigger: true while a hold stands"
    )
    next_read_at = models.DateTimeField(default=timezone.now)
    first_seen_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "external_id"], name="profile_unique_on_its_platform"
            ),
            models.CheckConstraint(
                condition=Q(observed_state__in=ObservedState.values),
                name="profile_observed_state_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_read_at", "id"], condition=Q(is_held=True), name="profile_next_read"
            ),
            models.Index(
                fields=["platform", "observed_at"],
                condition=Q(is_held=True),
                name="profile_held_by_reading",
            ),
            models.Index(fields=["handle"], name="profile_handle"),
            # Finding by the beginning of a handle, whatever its case and the database's locale.
            models.Index(
                OpClass(Lower("handle"), name="text_pattern_ops"), name="profile_handle_folded"
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def has_high_reach(self) -> bool:
        return self.reach >= self.platform.high_reach_threshold

    @property
    def cadence(self) -> timedelta:
        """How often it is read: a held one by itself, the others with their platform."""
        if not self.is_held:
            return timedelta(minutes=self.platform.pull_cadence_minutes)
        return timedelta(
            seconds=self.platform.high_reach_cadence_seconds
            if self.has_high_reach
            else self.platform.cadence_seconds
        )

    def is_stale(self, at: datetime) -> bool:
        """Tell whether the last reading is too old to be trusted."""
        oldest_trusted = at - CADENCES_UNTIL_STALE * self.cadence
        return self.observed_at is None or self.observed_at < oldest_trusted


class ProfileVersion(models.Model):
    """The profile as it was seen at one time. A new one for each observed change.

    Reach moves all day and is no part of who an account claims to be: it is kept here as
    it was, but a change of reach alone makes no version.
    """

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    seen_at = models.DateTimeField(default=timezone.now)
    handle = models.CharField(max_length=255)
    display_name = models.CharField(max_length=500, blank=True)
    bio = models.TextField(blank=True)
    links = ArrayField(models.CharField(max_length=2000), default=list, blank=True)
    country = models.CharField(max_length=80, blank=True)
    date_of_birth = models.CharField(max_length=40, blank=True)
    image_fingerprints = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    is_verified = models.BooleanField(default=False)
    reach = models.PositiveBigIntegerField(default=0)
    content_hash = models.CharField(max_length=64)
    screened_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "number"], name="profile_version_number_unique"
            ),
        ]
        indexes = [
            models.Index(
                fields=["profile"],
                condition=Q(screened_at__isnull=True),
                name="profile_version_unscreened",
            )
        ]

    def __str__(self) -> str:
        return f"@{self.handle}, version {self.number}"
