from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from platforms.models import Profile, ProfileVersion
from sanctions.models.designations import Designation, DesignationVersion


class MatchQuerySet(models.QuerySet["Match"]):
    def undecided(self) -> "MatchQuerySet":
        return self.filter(adjudication__in=[Match.Adjudication.OPEN, Match.Adjudication.UNSURE])

    def confirmed(self) -> "MatchQuerySet":
        return self.filter(adjudication=Match.Adjudication.CONFIRMED)


class Match(models.Model):
    """A profile version that resembles a designation version, and what people made of it.

    A cleared pair stays cleared until either side changes: the pair of versions is unique.
    """

    class Adjudication(models.TextChoices):
        OPEN = "open", "Undecided"
        CONFIRMED = "confirmed", "Confirmed"
        NO_MATCH = "no_match", "Another person"
        UNSURE = "unsure", "Unsure"

    # A person's verdict is not written over. A confirmed match is overturned by the second
    # review that releases its hold as misidentified; a cleared one stays cleared.
    TRANSITIONS = {
        Adjudication.OPEN: {
            Adjudication.CONFIRMED,
            Adjudication.NO_MATCH,
            Adjudication.UNSURE,
        },
        Adjudication.UNSURE: {Adjudication.CONFIRMED, Adjudication.NO_MATCH},
        Adjudication.CONFIRMED: {Adjudication.NO_MATCH},
        Adjudication.NO_MATCH: set(),
    }

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="matches")
    profile_version = models.ForeignKey(
        ProfileVersion, on_delete=models.PROTECT, related_name="matches"
    )
    designation = models.ForeignKey(Designation, on_delete=models.PROTECT, related_name="matches")
    designation_version = models.ForeignKey(
        DesignationVersion, on_delete=models.PROTECT, related_name="matches"
    )
    score = models.FloatField()
    explanation = models.JSONField(help_text="sanctions.matching.Explanation as a dictionary")
    found_at = models.DateTimeField(default=timezone.now)
    adjudication = models.CharField(
        max_length=16, choices=Adjudication.choices, default=Adjudication.OPEN
    )
    adjudicated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="matches_adjudicated"
    )
    adjudicated_at = models.DateTimeField(null=True, blank=True)
    adjudication_reason = models.TextField(blank=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "matches"
        constraints = [
            models.UniqueConstraint(
                fields=["profile_version", "designation_version"], name="match_once_per_pair"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0) & Q(score__lte=1), name="match_score_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=Q(adjudication__in=["open", "confirmed", "no_match", "unsure"]),
                name="match_adjudication_is_known",
            ),
            models.CheckConstraint(
                condition=Q(adjudication="open", adjudicated_by__isnull=True)
                | (~Q(adjudication="open") & Q(adjudicated_by__isnull=False)),
                name="match_adjudicated_by_a_person",
            ),
        ]
        indexes = [
            models.Index(fields=["profile", "-score"], name="match_of_profile"),
            models.Index(fields=["designation", "adjudication"], name="match_of_designation"),
        ]

    def __str__(self) -> str:
        return f"{self.profile_id} x {self.designation_id}: {self.score:.3f}"
