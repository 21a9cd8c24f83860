"""Every address of the reports' side. None of them names what somebody did there."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import path

from intake.views import errors, inbox, report

urlpatterns = [
    *i18n_patterns(
        path("", report.start, name="start"),
        path("form/", report.form, name="form"),
        path("inbox/", inbox.inbox, name="inbox"),
        path("about/", report.about, name="about"),
    ),
    path("leave/", report.leave, name="leave"),
]

handler400 = errors.bad_request
handler403 = errors.not_from_here
handler404 = errors.not_found
handler500 = errors.broken
