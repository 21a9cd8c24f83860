"""What the API shows of this room. Nothing here writes."""

from rest_framework import serializers

from accounts.models import User
from platforms.models import Hold, Incident, Platform, Profile


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody who works here, by name. Their address is for administrators alone."""

    class Meta:
        model = User
        fields = ["id", "name"]
        read_only_fields = fields


class ProfileSerializer(serializers.ModelSerializer[Profile]):
    platform = serializers.SlugRelatedField[Platform](slug_field="slug", read_only=True)

    class Meta:
        model = Profile
        fields = [
            "id",
            "platform",
            "external_id",
            "handle",
            "display_name",
            "bio",
            "links",
            "country",
            "date_of_birth",
            "image_fingerprints",
            "is_verified",
            "reach",
            "account_created_at",
            "version_number",
            "observed_state",
            "observed_at",
            "is_held",
            "first_seen_at",
        ]
        read_only_fields = fields


class HoldSerializer(serializers.ModelSerializer[Hold]):
    placed_by = PersonSerializer(read_only=True)
    released_by = PersonSerializer(read_only=True, allow_null=True)
    stands = serializers.BooleanField(read_only=True)

    class Meta:
        model = Hold
        fields = [
            "id",
            "profile",
            "kind",
            "source",
            "entry_key",
            "title",
            "detail",
            "effect",
            "territory",
            "stands",
            "placed_at",
            "placed_by",
            "released_at",
            "released_by",
        ]
        read_only_fields = fields


class IncidentSerializer(serializers.ModelSerializer[Incident]):
    number = serializers.CharField(read_only=True)
    closed_by = PersonSerializer(read_only=True, allow_null=True)
    exposure_hours = serializers.FloatField(read_only=True)
    exposure_reach_hours = serializers.FloatField(read_only=True)

    class Meta:
        model = Incident
        fields = [
            "id",
            "number",
            "profile",
            "kind",
            "state",
            "began_at",
            "seen_at",
            "contained_at",
            "closed_at",
            "closed_by",
            "cause",
            "reach_at_seen",
            "exposure_hours",
            "exposure_reach_hours",
            "needs_people",
        ]
        read_only_fields = fields
