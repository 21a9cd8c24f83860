"""Profiles, holds and incidents, read."""

from rest_framework.viewsets import ReadOnlyModelViewSet

from platforms.api.filters import HoldFilter, IncidentFilter, ProfileFilter
from platforms.api.serializers import HoldSerializer, IncidentSerializer, ProfileSerializer
from platforms.models import Hold, Incident, Profile


class ProfileViewSet(ReadOnlyModelViewSet[Profile]):
    """Accounts on the platforms, as they were last seen."""

    queryset = Profile.objects.select_related("platform")
    serializer_class = ProfileSerializer
    filterset_class = ProfileFilter
    ordering = ["id"]
    permissions = {"list": "platforms.view_profile", "retrieve": "platforms.view_profile"}


class HoldViewSet(ReadOnlyModelViewSet[Hold]):
    """The reasons why profiles are down. A hold is placed and released by a decision only."""

    queryset = Hold.objects.select_related("placed_by", "released_by")
    serializer_class = HoldSerializer
    filterset_class = HoldFilter
    ordering = ["-id"]
    permissions = {"list": "platforms.view_profile", "retrieve": "platforms.view_profile"}


class IncidentViewSet(ReadOnlyModelViewSet[Incident]):
    """Held profiles that were seen up, or could not be seen."""

    queryset = Incident.objects.select_related("closed_by")
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilter
    ordering = ["-seen_at", "-id"]
    permissions = {"list": "platforms.view_incident", "retrieve": "platforms.view_incident"}
