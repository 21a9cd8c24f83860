"""Every address of the desk."""

from django.urls import include, path

from accounts.views.people import close_account
from cases import departures

urlpatterns = [
    path("api/v1/", include("config.api")),
    # Closing an account gives back what the person held at the desk, in one transaction.
    path(
        "accounts/people/<int:pk>/close/",
        close_account,
        {"verb": departures.deactivate},
        name="close_account",
    ),
    path("accounts/", include("accounts.urls")),
    path("reports/", include("intake.urls")),
    path("", include("cases.urls")),
]
