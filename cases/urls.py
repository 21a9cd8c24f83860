"""Addresses of the desk."""

from django.urls import path

from cases.views import (
    actions,
    case,
    coverage,
    decisions,
    evidence,
    incidents,
    leases,
    lists,
    notes,
    openness,
    platforms,
    queue,
    reports,
)

app_name = "cases"
urlpatterns = [
    path("", queue.landing, name="landing"),
    path("queue/", queue.queue_page, name="queue"),
    path("queue/next/", queue.claim_next, name="claim_next"),
    path("queue/leases/", leases.take_leases, name="take_leases"),
    path("coverage/", coverage.coverage_page, name="coverage"),
    path("incidents/", incidents.incident_list, name="incidents"),
    path("incidents/<int:incident_id>/", incidents.show_incident, name="incident"),
    path("incidents/<int:incident_id>/close/", incidents.close_incident, name="close_incident"),
    path("platforms/", platforms.platform_list, name="platforms"),
    path("platforms/pause/", platforms.pause, name="pause"),
    path("platforms/pauses/<int:pause_id>/ask/", platforms.ask_to_resume, name="ask_to_resume"),
    path("platforms/pauses/<int:pause_id>/resume/", platforms.resume, name="resume"),
    path("lists/", lists.source_list, name="lists"),
    path("lists/<slug:slug>/<int:number>/", lists.show_list, name="list"),
    path("cases/<int:number>/lease/", leases.take_lease, name="take_lease"),
    path("cases/<int:number>/lease/release/", leases.release_lease, name="release_lease"),
    path("cases/<int:number>/", case.show_case, name="case"),
    path("cases/<int:number>/decisions/", decisions.propose_decision, name="propose_decision"),
    path(
        "cases/<int:number>/decisions/<int:decision_id>/answer/",
        decisions.answer_decision,
        name="answer_decision",
    ),
    path(
        "cases/<int:number>/decisions/<int:decision_id>/withdraw/",
        decisions.withdraw_decision,
        name="withdraw_decision",
    ),
    path(
        "cases/<int:number>/actions/<int:enforcement_id>/end/",
        actions.end_action,
        name="end_action",
    ),
    path("cases/<int:number>/review/", decisions.ask_for_review, name="ask_for_review"),
    path("cases/<int:number>/notes/", notes.add_note, name="add_note"),
    path("cases/<int:number>/restrict/", openness.restrict, name="restrict"),
    path(
        "cases/<int:number>/restriction/lift/", openness.lift_restriction, name="lift_restriction"
    ),
    path("cases/<int:number>/access/", openness.grant_access, name="grant_access"),
    path("cases/<int:number>/access/<int:grant_id>/end/", openness.end_access, name="end_access"),
    path(
        "cases/<int:number>/access/teams/<int:grant_id>/end/",
        openness.end_team_access,
        name="end_team_access",
    ),
    path("cases/<int:number>/recuse/", openness.recuse, name="recuse"),
    path(
        "cases/<int:number>/recusals/<int:recusal_id>/end/",
        openness.end_recusal,
        name="end_recusal",
    ),
    path("why/", openness.why, name="why"),
    path("keepers/", openness.keepers, name="keepers"),
    path(
        "cases/<int:number>/evidence/<int:evidence_id>/",
        evidence.view_evidence,
        name="view_evidence",
    ),
    path(
        "cases/<int:number>/reports/<int:link_id>/summary/",
        reports.read_summary,
        name="read_summary",
    ),
    path("reports/<uuid:report_id>/case/", reports.report_case, name="report_case"),
    path("reports/<uuid:report_id>/accounts/", reports.link_account, name="link_account"),
    path(
        "reports/<uuid:report_id>/accounts/<int:link_id>/unlink/",
        reports.unlink_account,
        name="unlink_account",
    ),
    path(
        "reports/<uuid:report_id>/accounts/<int:link_id>/open/",
        reports.open_from_report,
        name="open_from_report",
    ),
    path(
        "reports/<uuid:report_id>/accounts/<int:link_id>/hand-over/",
        reports.hand_over_report_case,
        name="hand_over_report_case",
    ),
]
