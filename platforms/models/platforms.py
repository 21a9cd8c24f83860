from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils import timezone


class Platform(models.Model):
    """A service we act on, and how to reach it.

    Credentials are never stored: `token_reference` names an environment variable
    (`env:NAME`) or a file (`file:PATH`) that holds the bearer token.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=40, blank=True, help_text="What it carries: photo, posts")
    connector = models.CharField(max_length=40)
    base_url = models.URLField(max_length=400)
    token_reference = models.CharField(max_length=200, blank=True)
    capabilities = models.JSONField(default=dict)
    pull_cadence_minutes = models.PositiveIntegerField(
        default=60, help_text="How often all its accounts are read"
    )
    next_pull_at = models.DateTimeField(default=timezone.now)
    cadence_seconds = models.PositiveIntegerField(
        default=300, help_text="How often a held account is read"
    )
    high_reach_cadence_seconds = models.PositiveIntegerField(default=20)
    high_reach_threshold = models.PositiveBigIntegerField(
        default=1_000_000,
        help_text="From this many followers a suspension takes two people.",
    )
    suspensions_per_hour_limit = models.PositiveIntegerField(
        default=200,
        help_text="More suspensions than this in an hour stop for two people.",
    )
    suspensions_percent_limit = models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=Decimal(1),
        help_text="So does a larger part of its accounts in an hour, from ten suspensions on.",
    )
    is_active = models.BooleanField(default=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    circuit_open_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cadence_seconds__gte=1)
                & Q(high_reach_cadence_seconds__gte=1)
                & Q(pull_cadence_minutes__gte=1),
                name="platform_cadence_is_positive",
            ),
            models.CheckConstraint(
                condition=Q(suspensions_percent_limit__gt=0, suspensions_percent_limit__lte=100),
                name="platform_percent_limit_is_a_part",
            ),
        ]

    def __str__(self) -> str:
        return self.name
