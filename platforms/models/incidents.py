from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from platforms.models.profiles import Profile


class IncidentQuerySet(models.QuerySet["Incident"]):
    def unsettled(self) -> "IncidentQuerySet":
        """Incidents that still want a person: open, or contained with no cause on record."""
        return self.exclude(state=Incident.State.CLOSED)


class Incident(models.Model):
    """A held profile that was not as its holds demand, or could not be seen.

    Drift: seen active while a hold demands otherwise. Silence: a held profile of high
    reach that nobody could read for three cadences. Exposure is measured in reach times
    hours, from the last time it was known to be down.
    """

    class Kind(models.TextChoices):
        DRIFT = "drift", "Up while a hold stands"
        SILENCE = "silence", "Not readable"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONTAINED = "contained", "Down again, cause open"
        CLOSED = "closed", "Closed"

    TRANSITIONS = {
        State.OPEN: {State.CONTAINED},
        State.CONTAINED: {State.CLOSED},
        State.CLOSED: set(),
    }

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="incidents")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    state = models.CharField(max_length=16, choices=State.choices, default=State.OPEN)
    began_at = models.DateTimeField(help_text="The last time it was known to be as demanded")
    seen_at = models.DateTimeField(default=timezone.now)
    contained_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True)
    cause = models.TextField(blank=True, help_text="What a person found the cause to be")
    reach_at_seen = models.PositiveBigIntegerField(default=0)
    needs_people = models.BooleanField(
        default=False, help_text="Standing approval is used up: people decide what comes next"
    )

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "kind"],
                condition=Q(state="open"),
                name="incident_one_open_per_profile_and_kind",
            ),
            models.CheckConstraint(
                condition=Q(state="closed", closed_by__isnull=False) & ~Q(cause="")
                | Q(state__in=["open", "contained"], closed_by__isnull=True),
                name="incident_closed_by_a_person_with_a_cause",
            ),
        ]
        indexes = [models.Index(fields=["state", "-seen_at"], name="incident_state_seen")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        return f"INC-{self.pk}"

    @property
    def exposure_hours(self) -> float:
        """Hours from the last time it was known to be down until it was down again."""
        end = self.contained_at or timezone.now()
        return max((end - self.began_at).total_seconds(), 0.0) / 3600

    @property
    def exposure_reach_hours(self) -> float:
        return self.exposure_hours * self.reach_at_seen
