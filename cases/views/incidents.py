"""Incidents: held accounts that were up, or that nobody could read."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts import middleware
from accounts.refusals import Refusal
from accounts.views.access import StaffRequest, signed_in
from cases import incidents, writes
from cases.keyset import Key
from cases.models import CaseIncident
from cases.models.cases import Case
from cases.visibility import incidents_visible_to
from platforms.incidents import close
from platforms.models import Incident

KEY = Key(("seen_at", "id"), descending=True)


@require_GET
@signed_in
def incident_list(request: StaffRequest) -> HttpResponse:
    """Show incidents that still want a person, or all of them, newest first."""
    writes.require(request.user, "platforms.view_incident")
    with_closed = request.GET.get("show") == "all"
    found = incidents_visible_to(request.user).select_related(
        "profile__platform", "case_link__case"
    )
    page = KEY.page(
        found if with_closed else found.unsettled(),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    base = f"{reverse('cases:incidents')}?{'show=all&' if with_closed else ''}"
    context = {
        "rows": [
            {"incident": incident, "exposure": timedelta(hours=incident.exposure_hours)}
            for incident in page.rows
        ],
        "with_closed": with_closed,
        "previous_url": page.before and f"{base}before={page.before}",
        "next_url": page.after and f"{base}after={page.after}",
    }
    return render(request, "cases/incidents.html", context)


@require_GET
@signed_in
def show_incident(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Tell one incident: how long, how far it reached, what stood, what was sent."""
    writes.require(request.user, "platforms.view_incident")
    return _page(request, _get_or_404(request, incident_id))


@require_POST
@signed_in
def close_incident(request: StaffRequest, incident_id: int) -> HttpResponse:
    """Close a contained incident with its cause. A refusal keeps what was typed."""
    incident = _get_or_404(request, incident_id)
    writes.require(request.user, "platforms.close_incident")
    cause = request.POST.get("cause", "")
    try:
        close(actor=request.user, incident=incident, cause=cause)
    except Refusal as refusal:
        middleware.note_refusal(request, refusal)
        return _page(request, incident, cause=cause, problem=str(refusal))
    messages.success(request, f"{incident.number} is closed. Its cause is on record.")
    return redirect("cases:incident", incident_id=incident.pk)


def _get_or_404(request: StaffRequest, incident_id: int) -> Incident:
    incidents_open_to = incidents_visible_to(request.user)
    return get_object_or_404(
        incidents_open_to.select_related("profile__platform", "closed_by"), pk=incident_id
    )


def _page(
    request: StaffRequest, incident: Incident, *, cause: str = "", problem: str = ""
) -> HttpResponse:
    link = (
        CaseIncident.objects.filter(
            incident=incident, case__in=Case.objects.visible_to(request.user)
        )
        .select_related("case")
        .first()
    )
    context = {
        "incident": incident,
        "story": incidents.account_of(incident),
        "case": link.case if link else None,
        "may_close": request.user.has_perm("platforms.close_incident"),
        "cause": cause,
        "problem": problem,
    }
    return render(request, "cases/incident.html", context, status=409 if problem else 200)
