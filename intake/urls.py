"""Addresses of the desk's side of reports. To whoever has no grant they are not there."""

from django.urls import path

from intake.views import desk, desk_files

app_name = "intake"
urlpatterns = [
    path("", desk.report_list, name="reports"),
    path("<uuid:report_id>/", desk.report, name="report"),
    path("<uuid:report_id>/claim/", desk.claim, name="claim"),
    path("<uuid:report_id>/read/", desk.read, name="read"),
    path("<uuid:report_id>/files/<uuid:file_id>/", desk_files.open_file, name="open_file"),
    path(
        "<uuid:report_id>/files/<uuid:file_id>/original/",
        desk_files.open_original,
        name="open_original",
    ),
    path("<uuid:report_id>/reply/", desk.reply, name="reply"),
    path("<uuid:report_id>/summary/", desk.summarise, name="summarise"),
    path("<uuid:report_id>/share/", desk.share, name="share"),
    path("<uuid:report_id>/shares/<int:grant_id>/end/", desk.end_share, name="end_share"),
    path("<uuid:report_id>/close/", desk.close, name="close"),
    path("<uuid:report_id>/reopen/", desk.reopen, name="reopen"),
    path("<uuid:report_id>/hand-back/", desk.hand_back, name="hand_back"),
]
