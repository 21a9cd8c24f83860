from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from platforms.models.profiles import Profile


class Effect(models.TextChoices):
    """What a hold demands of the platform while it stands."""

    SUSPEND = "suspend", "Suspended"
    WITHHOLD = "withhold", "Withheld in a territory"
    MONETISATION_OFF = "monetisation_off", "No payouts or ads"
    LABEL = "label", "Labelled"


class HoldQuerySet(models.QuerySet["Hold"]):
    def standing(self) -> "HoldQuerySet":
        return self.filter(released_at__isnull=True)

    def lifted(self) -> "HoldQuerySet":
        return self.filter(released_at__isnull=False)

    def keeping_down(self) -> "HoldQuerySet":
        """Holds because of which the account may not be given back."""
        return self.standing().filter(effect__in=KEEPS_DOWN)


# While one of these stands, a restore is refused.
KEEPS_DOWN = (Effect.SUSPEND, Effect.WITHHOLD)


class Hold(models.Model):
    """One reason why a profile is down.

    The reason is named by value (`kind, source, entry_key`), so that this room knows no
    list. Each designation on each list is a hold of its own: one delisting lifts one hold
    and nothing else. The database refuses any change but the one release, and any delete.
    """

    class Kind(models.TextChoices):
        DESIGNATION = "designation", "Designation"
        POLICY = "policy", "Policy decision"
        COURT_ORDER = "court_order", "Court order"
        AUTHORITY_REQUEST = "authority_request", "Authority request"
        BAN_EVASION = "ban_evasion", "Ban evasion"

    profile = models.ForeignKey(Profile, on_delete=models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    source = models.CharField(max_length=80, help_text="Which list, court or policy")
    entry_key = models.CharField(max_length=120, help_text="Which entry, order or case there")
    title = models.CharField(max_length=300, help_text="The reason in words")
    detail = models.CharField(max_length=300, blank=True, help_text="Programs, or a date")
    effect = models.CharField(max_length=24, choices=Effect.choices, default=Effect.SUSPEND)
    territory = models.CharField(max_length=2, blank=True, help_text="ISO 3166; empty: everywhere")
    placed_at = models.DateTimeField(default=timezone.now)
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="holds_placed")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="holds_released"
    )

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["profile", "kind", "source", "entry_key", "effect", "territory"],
                condition=Q(released_at__isnull=True),
                name="hold_stands_once_per_reason",
            ),
            models.CheckConstraint(
                condition=Q(effect__in=Effect.values), name="hold_effect_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "designation",
                        "policy",
                        "court_order",
                        "authority_request",
                        "ban_evasion",
                    ]
                ),
                name="hold_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(effect="withhold", territory=""),
                name="hold_withholds_in_a_territory",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="hold_release_names_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["profile"], condition=Q(released_at__isnull=True), name="hold_standing"
            ),
            models.Index(fields=["kind", "source", "entry_key"], name="hold_reason"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stands(self) -> bool:
        return self.released_at is None

    @property
    def keeps_down(self) -> bool:
        return self.stands and self.effect in KEEPS_DOWN
