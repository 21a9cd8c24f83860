"""The addresses of the API. Each room brings its views; here they get their names."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from cases.api.profiles import ProfileBatchViewSet
from cases.api.views import (
    CaseViewSet,
    DecisionViewSet,
    PolicyViewSet,
    VisibleIncidentViewSet,
    VisibleMatchViewSet,
)
from platforms.api.views import HoldViewSet
from sanctions.api.views import DesignationViewSet, ListVersionViewSet


@extend_schema(exclude=True)
class NoSuchAddress(APIView):
    """Answer what is no address of the API as the API answers, and not with a page."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound("There is nothing at this address.")


router = SimpleRouter()
router.register("profiles", ProfileBatchViewSet, basename="profile")
router.register("holds", HoldViewSet, basename="hold")
router.register("incidents", VisibleIncidentViewSet, basename="incident")
router.register("list-versions", ListVersionViewSet, basename="list-version")
router.register("designations", DesignationViewSet, basename="designation")
router.register("matches", VisibleMatchViewSet, basename="match")
router.register("cases", CaseViewSet, basename="case")
router.register("decisions", DecisionViewSet, basename="decision")
router.register("policies", PolicyViewSet, basename="policy")

app_name = "api"
urlpatterns = [
    *router.urls,
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api:schema",
            permission_classes=[AllowAny],
            template_name="api/docs.html",
        ),
        name="docs",
    ),
    path("<path:unknown>", NoSuchAddress.as_view(), name="no_such_address"),
]
