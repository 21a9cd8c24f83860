"""What the API shows of a case. What it takes is in `cases.api.requests`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases.models import (
    Approval,
    Case,
    CaseProfile,
    Decision,
    Evidence,
    Note,
    Policy,
)
from platforms.api.serializers import HoldSerializer, PersonSerializer
from platforms.models import ObservedState
from sanctions.api.serializers import DesignationSerializer, MatchSerializer


class LeaseSerializer(serializers.Serializer[Case]):
    """Who works the case now, and until when."""

    holder = PersonSerializer(source="lease_holder", read_only=True)
    ends_at = serializers.DateTimeField(source="lease_ends_at", read_only=True)
    version = serializers.IntegerField(
        read_only=True, help_text="The case's version. A decision names it as `based_on`."
    )


class CaseProfileSerializer(serializers.ModelSerializer[CaseProfile]):
    """A profile that the case is about."""

    id = serializers.IntegerField(source="profile_id", read_only=True)
    platform = serializers.CharField(source="profile.platform.slug", read_only=True)
    handle = serializers.CharField(source="profile.handle", read_only=True)
    display_name = serializers.CharField(source="profile.display_name", read_only=True)
    reach = serializers.IntegerField(source="profile.reach", read_only=True)
    observed_state = serializers.ChoiceField(
        source="profile.observed_state", choices=ObservedState.choices, read_only=True
    )
    is_held = serializers.BooleanField(source="profile.is_held", read_only=True)

    class Meta:
        model = CaseProfile
        fields = [
            "id",
            "platform",
            "handle",
            "display_name",
            "reach",
            "observed_state",
            "is_held",
            "is_primary",
        ]
        read_only_fields = fields


class CaseSerializer(serializers.ModelSerializer[Case]):
    label = serializers.CharField(read_only=True)  # type: ignore[assignment]  # HF-12, no caption
    assignee = PersonSerializer(read_only=True, allow_null=True)
    lease = serializers.SerializerMethodField()
    profiles = CaseProfileSerializer(source="case_profiles", many=True, read_only=True)

    class Meta:
        model = Case
        fields = [
            "number",
            "label",
            "kind",
            "state",
            "priority",
            "question",
            "opened_because",
            "version",
            "is_restricted",
            "opened_at",
            "due_at",
            "clock_began_at",
            "closed_at",
            "reach",
            "assignee",
            "lease",
            "profiles",
        ]
        read_only_fields = fields

    @extend_schema_field(LeaseSerializer(allow_null=True))
    def get_lease(self, case: Case) -> dict[str, Any] | None:
        """A lease that ended is none."""
        return LeaseSerializer(case).data if case.lease_in_force(timezone.now()) else None


class PolicySerializer(serializers.ModelSerializer[Policy]):
    """One version of one row of counsel's table."""

    class Meta:
        model = Policy
        fields = [
            "id",
            "code",
            "number",
            "title",
            "legal_basis",
            "programs",
            "permitted_outcomes",
            "guidance",
            "starts_on",
            "ends_on",
        ]
        read_only_fields = fields


class ApprovalSerializer(serializers.ModelSerializer[Approval]):
    """The second person's yes or no."""

    approver = PersonSerializer(read_only=True)

    class Meta:
        model = Approval
        fields = ["approver", "is_approved", "reason", "at"]
        read_only_fields = fields


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    policy = PolicySerializer(read_only=True, allow_null=True)
    ground = serializers.ChoiceField(
        choices=Decision.Ground.choices,
        read_only=True,
        allow_blank=True,
        help_text="Empty where nothing is released",
    )
    designations = DesignationSerializer(many=True, read_only=True)
    holds = serializers.SerializerMethodField(help_text="The holds it releases")
    proposer = PersonSerializer(read_only=True)
    approval = ApprovalSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Decision
        fields = [
            "id",
            "case",
            "case_version",
            "profile",
            "outcome",
            "state",
            "needs_second",
            "needs_second_because",
            "policy",
            "legal_basis",
            "ground",
            "list_version",
            "designations",
            "holds",
            "reasons",
            "proposer",
            "proposed_at",
            "settled_at",
            "approval",
        ]
        read_only_fields = fields

    def get_holds(self, decision: Decision) -> list[int]:
        return [link.hold_id for link in decision.decision_holds.all()]


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """What is kept as evidence, without its bytes: those are viewed on the desk, on record."""

    class Meta:
        model = Evidence
        fields = ["id", "kind", "title", "source", "content_type", "size_bytes", "sha256"]
        read_only_fields = fields


class NoteSerializer(serializers.ModelSerializer[Note]):
    author = PersonSerializer(read_only=True)

    class Meta:
        model = Note
        fields = ["id", "author", "text", "at"]
        read_only_fields = fields


class CaseDetailSerializer(CaseSerializer):
    """A case with all that a decision on it needs."""

    designations = DesignationSerializer(many=True, read_only=True)
    matches = MatchSerializer(many=True, read_only=True)
    incidents = serializers.PrimaryKeyRelatedField[Any](many=True, read_only=True)
    holds = serializers.SerializerMethodField()
    evidence = EvidenceSerializer(many=True, read_only=True)
    decisions = DecisionSerializer(many=True, read_only=True)
    notes = NoteSerializer(many=True, read_only=True)

    class Meta(CaseSerializer.Meta):
        fields = [
            *CaseSerializer.Meta.fields,
            "designations",
            "matches",
            "incidents",
            "holds",
            "evidence",
            "decisions",
            "notes",
        ]
        read_only_fields = fields

    @extend_schema_field(HoldSerializer(many=True))
    def get_holds(self, case: Case) -> list[dict[str, Any]]:
        """The holds that stand on its profiles, whichever case placed them."""
        return [
            HoldSerializer(hold).data
            for link in case.case_profiles.all()
            for hold in link.profile.standing_holds  # type: ignore[attr-defined]  # prefetched under this name by the view
        ]
