"""What the API shows of the lists. Nothing here writes."""

from rest_framework import serializers

from platforms.api.serializers import PersonSerializer
from sanctions.models import Designation, DesignationVersion, ListVersion, Match, Source


class ListVersionSerializer(serializers.ModelSerializer[ListVersion]):
    source = serializers.SlugRelatedField[Source](  # type: ignore[assignment]  # the list, not a path
        slug_field="slug", read_only=True
    )

    class Meta:
        model = ListVersion
        fields = [
            "id",
            "source",
            "number",
            "state",
            "format",
            "published_on",
            "fetched_at",
            "sha256",
            "size_bytes",
            "entries",
            "added",
            "changed",
            "delisted",
            "unchanged",
            "reason_code",
            "reason",
        ]
        read_only_fields = fields


class DesignationSerializer(serializers.ModelSerializer[Designation]):
    source = serializers.SlugRelatedField[Source](  # type: ignore[assignment]  # the list, not a path
        slug_field="slug", read_only=True
    )
    is_listed = serializers.BooleanField(read_only=True)

    class Meta:
        model = Designation
        fields = [
            "id",
            "source",
            "entry_key",
            "kind",
            "primary_name",
            "programs",
            "is_listed",
            "listed_at",
            "delisted_at",
        ]
        read_only_fields = fields


class DesignationVersionSerializer(serializers.ModelSerializer[DesignationVersion]):
    """What the list said from one time until another."""

    content = serializers.DictField(read_only=True, help_text="The entry in canonical form")
    diff = serializers.DictField(read_only=True, help_text="The fields that changed")

    class Meta:
        model = DesignationVersion
        fields = [
            "number",
            "list_version",
            "change",
            "content",
            "content_hash",
            "diff",
            "valid_from",
            "valid_to",
        ]
        read_only_fields = fields


class DesignationDetailSerializer(DesignationSerializer):
    """A designation with its whole history, the latest version first."""

    versions = DesignationVersionSerializer(many=True, read_only=True)

    class Meta(DesignationSerializer.Meta):
        fields = [*DesignationSerializer.Meta.fields, "versions"]
        read_only_fields = fields


class MatchSerializer(serializers.ModelSerializer[Match]):
    """A profile version that resembles a designation version.

    The reason of an adjudication belongs to the case that gave it, and is read there.
    """

    designation = DesignationSerializer(read_only=True)
    explanation = serializers.DictField(read_only=True, help_text="What the score is made of")
    adjudicated_by = PersonSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Match
        fields = [
            "id",
            "profile",
            "profile_version",
            "designation",
            "designation_version",
            "score",
            "explanation",
            "found_at",
            "adjudication",
            "adjudicated_by",
            "adjudicated_at",
        ]
        read_only_fields = fields
