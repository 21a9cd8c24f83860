"""What the API takes. Every writable field is named here; any other name is refused."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import queue
from cases.models import Case, Decision, Policy
from platforms.models import Platform
from platforms.profiles import BATCH_LIMIT, LARGEST_REACH, LONGEST, LONGEST_ITEM, MOST_LINKS
from sanctions.models import ListVersion

LARGEST_VERSION = 2**31 - 1
MOST_NAMED = 200
"""So many designations, or holds, one decision can name."""


class StrictSerializer(serializers.Serializer[Any]):
    """A body in which a name we do not know is a mistake, and not passed over."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := set(data) - set(self.fields)):
            raise serializers.ValidationError(
                {name: ["There is no such field."] for name in sorted(unknown)}
            )
        return super().to_internal_value(data)


class CaseQuery(serializers.Serializer[Any]):
    """Which open cases, in which order."""

    view = serializers.ChoiceField(choices=queue.View.choices, default=queue.View.ALL)
    order = serializers.ChoiceField(choices=queue.Order.choices, default=queue.Order.DUE)
    kind = serializers.MultipleChoiceField(choices=Case.Kind.choices, required=False)
    state = serializers.MultipleChoiceField(
        choices=[(state.value, state.label) for state in queue.OPEN_STATES], required=False
    )
    platform = serializers.ListField(
        child=serializers.CharField(max_length=50), required=False, help_text="Slugs"
    )
    reach_over = serializers.IntegerField(min_value=0, max_value=LARGEST_REACH, default=0)
    held = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether a hold stands on a profile of it"
    )
    lease = serializers.MultipleChoiceField(choices=queue.Lease.choices, required=False)
    find = serializers.CharField(
        max_length=100, required=False, help_text="A number, a handle, or words of a listed name"
    )
    profile = serializers.IntegerField(min_value=1, required=False)
    designation = serializers.IntegerField(min_value=1, required=False)

    def as_filters(self) -> queue.Filters:
        """Return the part that the queue knows how to narrow by."""
        asked = self.validated_data
        held = asked.get("held")
        return queue.Filters(
            view=queue.View(asked["view"]),
            order=queue.Order(asked["order"]),
            kinds=tuple(sorted(asked.get("kind", ()))),
            states=tuple(sorted(asked.get("state", ()))),
            platforms=tuple(asked.get("platform", ())),
            reach_over=asked["reach_over"],
            holds=() if held is None else ((queue.Standing.SOME if held else queue.Standing.NONE),),
            leases=tuple(sorted(asked.get("lease", ()))),
            find=asked.get("find", ""),
        )


class KeyList(serializers.ListField):
    """Keys of rows that exist, found in one query however many there are."""

    child = serializers.IntegerField(min_value=1)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MOST_NAMED, required=False, **kwargs)


class ProposalRequest(StrictSerializer):
    """A decision as it is proposed, and the version of the case it was made on."""

    outcome = serializers.ChoiceField(choices=Decision.Outcome.choices)
    reasons = serializers.CharField(max_length=20_000)
    based_on = serializers.IntegerField(
        min_value=1, max_value=LARGEST_VERSION, help_text="The case's version that you read"
    )
    policy = serializers.PrimaryKeyRelatedField(
        queryset=Policy.objects.all(), required=False, allow_null=True, default=None
    )
    designations = KeyList(help_text="Designations of this case that the outcome rests on")
    holds = KeyList(help_text="Holds on this case's profiles that the outcome releases")
    ground = serializers.ChoiceField(
        choices=Decision.Ground.choices, required=False, allow_blank=True, default=""
    )
    list_version = serializers.PrimaryKeyRelatedField(
        queryset=ListVersion.objects.accepted(), required=False, allow_null=True, default=None
    )

    def validate_policy(self, policy: Policy | None) -> Policy | None:
        in_force = Policy.objects.in_force(timezone.localdate())
        if policy is not None and not in_force.filter(pk=policy.pk).exists():
            raise serializers.ValidationError("This version of the policy is not in force.")
        return policy


class AnswerRequest(StrictSerializer):
    """The second person's yes or no. A no takes its reason."""

    is_approved = serializers.BooleanField()
    reason = serializers.CharField(max_length=20_000, required=False, allow_blank=True, default="")
    based_on = serializers.IntegerField(
        min_value=1, max_value=LARGEST_VERSION, help_text="The case's version that you read"
    )


class WithdrawalRequest(StrictSerializer):
    """Taking one's own proposal back."""

    based_on = serializers.IntegerField(
        min_value=1, max_value=LARGEST_VERSION, help_text="The case's version that you read"
    )


class NoteRequest(StrictSerializer):
    text = serializers.CharField(max_length=20_000)


class ProfileRow(serializers.Serializer[Any]):
    """One account. A field that is left out stays as it was; a new account needs a handle.

    It tells the OpenAPI document what `platforms.profiles.read_row` checks.
    """

    external_id = serializers.CharField(max_length=255, help_text="The platform's own id")
    handle = serializers.CharField(max_length=LONGEST["handle"], required=False)
    display_name = serializers.CharField(
        max_length=LONGEST["display_name"], required=False, allow_blank=True
    )
    bio = serializers.CharField(max_length=LONGEST["bio"], required=False, allow_blank=True)
    links = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_ITEM["links"]),
        max_length=MOST_LINKS,
        required=False,
    )
    country = serializers.CharField(max_length=LONGEST["country"], required=False, allow_blank=True)
    date_of_birth = serializers.CharField(
        max_length=LONGEST["date_of_birth"],
        required=False,
        allow_blank=True,
        help_text="As the platform has it",
    )
    image_fingerprints = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_ITEM["image_fingerprints"]),
        max_length=MOST_LINKS,
        required=False,
    )
    is_verified = serializers.BooleanField(required=False)
    reach = serializers.IntegerField(
        min_value=0, max_value=LARGEST_REACH, required=False, help_text="Followers"
    )
    account_created_at = serializers.DateTimeField(required=False, allow_null=True)


@extend_schema_field(ProfileRow)
class RowField(serializers.JSONField):
    """A row as it came: a bad one must not refuse the batch, so it is judged on its own."""


class ProfileBatchRequest(StrictSerializer):
    """Accounts of one platform."""

    platform = serializers.SlugRelatedField(slug_field="slug", queryset=Platform.objects.all())
    profiles = serializers.ListField(child=RowField(allow_null=True), max_length=BATCH_LIMIT)


def named(field: str, keys: list[int], candidates: QuerySet[Model]) -> list[Any]:
    """Return the rows with these keys. Raises `ValidationError` unless each is a candidate."""
    found = candidates.in_bulk(set(keys))
    if missing := sorted(set(keys) - found.keys()):
        names = ", ".join(str(key) for key in missing)
        raise serializers.ValidationError({field: [f"Not of this case: {names}."]})
    return list(found.values())
