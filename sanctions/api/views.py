"""Matches, designations and list versions, read."""

from django.db.models import Prefetch, QuerySet
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import ReadOnlyModelViewSet

from sanctions.api.filters import DesignationFilter, ListVersionFilter, MatchFilter
from sanctions.api.serializers import (
    DesignationDetailSerializer,
    DesignationSerializer,
    ListVersionSerializer,
    MatchSerializer,
)
from sanctions.models import Designation, DesignationVersion, ListVersion, Match


class MatchViewSet(ReadOnlyModelViewSet[Match]):
    """Profiles that resemble designations, and what people made of it."""

    queryset = Match.objects.select_related("designation__source", "adjudicated_by")
    serializer_class = MatchSerializer
    filterset_class = MatchFilter
    ordering = ["-id"]
    permissions = {"list": "sanctions.view_match", "retrieve": "sanctions.view_match"}


class DesignationViewSet(ReadOnlyModelViewSet[Designation]):
    """Entries of the lists, delisted ones included. One entry comes with its history."""

    queryset = Designation.objects.select_related("source")
    filterset_class = DesignationFilter
    ordering = ["id"]
    permissions = {"list": "sanctions.view_list", "retrieve": "sanctions.view_list"}

    def get_queryset(self) -> QuerySet[Designation]:
        designations = super().get_queryset()
        if self.action != "retrieve":
            return designations
        history = DesignationVersion.objects.order_by("-number")
        return designations.prefetch_related(Prefetch("versions", history))

    def get_serializer_class(self) -> type[BaseSerializer[Designation]]:
        return DesignationDetailSerializer if self.action == "retrieve" else DesignationSerializer


class ListVersionViewSet(ReadOnlyModelViewSet[ListVersion]):
    """Downloads of the lists: accepted, or quarantined with the reason."""

    queryset = ListVersion.objects.select_related("source")
    serializer_class = ListVersionSerializer
    filterset_class = ListVersionFilter
    ordering = ["-id"]
    permissions = {"list": "sanctions.view_list", "retrieve": "sanctions.view_list"}
