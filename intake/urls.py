"""Addresses of the desk's side of reports. To whoever has no grant they are not there."""

from django.urls import path

from intake.views import custodians, desk, desk_files, holds, identity

app_name = "intake"
# For coordinators, and for whoever a report is shared with.
report_patterns = [
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
# For the coordinator who holds the report.
holder_patterns = [
    path("<uuid:report_id>/identity/", identity.identity, name="identity"),
    path("<uuid:report_id>/identity/ask/", identity.ask, name="ask_identity"),
    path(
        "<uuid:report_id>/identity/<uuid:request_id>/withdraw/",
        identity.withdraw,
        name="withdraw_identity",
    ),
    path(
        "<uuid:report_id>/identity/<uuid:request_id>/open/",
        identity.open_identity,
        name="open_identity",
    ),
    path("<uuid:report_id>/hold/", holds.hold, name="hold"),
    path("<uuid:report_id>/hold/propose/", holds.propose, name="propose_hold"),
    path("<uuid:report_id>/hold/<uuid:hold_id>/end/", holds.end_own, name="end_hold"),
]
# For legal counsel. None of them names a report.
counsel_patterns = [
    path("holds/", holds.overview, name="holds"),
    path("holds/<uuid:hold_id>/agree/", holds.agree, name="agree_hold"),
    path("holds/<uuid:hold_id>/refuse/", holds.say_no, name="refuse_hold"),
]
# For custodians. None of them names a report.
custodian_patterns = [
    path("custodians/", custodians.overview, name="custodians"),
    path("custodians/enrol/", custodians.enrol, name="enrol_custodian"),
    path("custodians/keys/<uuid:key_id>/begin/", custodians.begin, name="begin_admission"),
    path("custodians/keys/<uuid:key_id>/reseal/", custodians.reseal, name="reseal"),
    path("custodians/keys/<uuid:key_id>/remove/", custodians.remove, name="remove_custodian"),
    path(
        "custodians/requests/<uuid:request_id>/",
        custodians.identity_request,
        name="identity_request",
    ),
    path(
        "custodians/requests/<uuid:request_id>/approve/",
        custodians.approve,
        name="approve_identity",
    ),
    path(
        "custodians/requests/<uuid:request_id>/refuse/", custodians.refuse, name="refuse_identity"
    ),
]
urlpatterns = [*report_patterns, *holder_patterns, *counsel_patterns, *custodian_patterns]
