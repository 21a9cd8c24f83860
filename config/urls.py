"""Every address of the desk."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("config.api")),
    path("accounts/", include("accounts.urls")),
    path("reports/", include("intake.urls")),
    path("", include("cases.urls")),
]
