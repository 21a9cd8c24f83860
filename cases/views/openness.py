"""Restrict a case, say who opens it, step away from it; who keeps it, and why somebody sees it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, allowed, signed_in
from accounts.views.form_pages import refusals_shown_in
from cases import access, openness, writes
from cases.forms import GrantAccessForm, KeeperForm, WhyForm
from cases.models import Case, CaseGroupAccess, CaseUserAccess, Recusal
from cases.views.access import get_case_or_404
from cases.views.case import case_page


@require_POST
@signed_in
def restrict(request: StaffRequest, number: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    access.restrict(actor=request.user, case=case, reason=request.POST.get("reason", ""))
    messages.success(request, f"{case.label} is restricted. You have the first grant.")
    return _back(case)


@require_POST
@signed_in
@fresh_second_factor()
def lift_restriction(request: StaffRequest, number: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    access.lift_restriction(actor=request.user, case=case, reason=request.POST.get("reason", ""))
    messages.success(request, f"{case.label} is open to every role that opens cases.")
    return _back(case)


@require_POST
@signed_in
@fresh_second_factor()
def grant_access(request: StaffRequest, number: int) -> HttpResponse:
    """Open the case to the person or the team that was named. A refusal keeps what was typed."""
    case = get_case_or_404(request.user, number)
    writes.require(request.user, access.MANAGE)
    form = GrantAccessForm(request.POST)
    if form.is_valid():
        to = form.cleaned_data["email"] or form.cleaned_data["team"]
        with refusals_shown_in(form, request):
            access.grant_access(
                actor=request.user,
                case=case,
                to=to,
                reason=form.cleaned_data["reason"],
                ends_at=form.ends_at,
            )
            messages.success(request, f"{case.label} is open to {to}.")
            return _back(case)
    return case_page(request, case, grant_form=form, status=422)


@require_POST
@signed_in
def end_access(request: StaffRequest, number: int, grant_id: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    grant = get_object_or_404(CaseUserAccess.access, pk=grant_id, content_object=case)
    access.end_access(actor=request.user, grant=grant, reason=request.POST.get("reason", ""))
    messages.success(request, f"The grant of {grant.user} ended.")
    return _back_or_to_the_queue(request, case)


@require_POST
@signed_in
def end_team_access(request: StaffRequest, number: int, grant_id: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    grant = get_object_or_404(CaseGroupAccess.access, pk=grant_id, content_object=case)
    access.end_access(actor=request.user, grant=grant, reason=request.POST.get("reason", ""))
    messages.success(request, f"The grant of the team {grant.group} ended.")
    return _back_or_to_the_queue(request, case)


@require_POST
@signed_in
def recuse(request: StaffRequest, number: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    access.recuse(actor=request.user, case=case, reason=request.POST.get("reason", ""))
    messages.success(request, f"You stepped away from {case.label}. It is closed to you.")
    return redirect("cases:landing")


@require_POST
@signed_in
@fresh_second_factor()
def end_recusal(request: StaffRequest, number: int, recusal_id: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    recusal = get_object_or_404(
        Recusal.objects.select_related("user", "case"), pk=recusal_id, case=case
    )
    access.end_recusal(actor=request.user, recusal=recusal, reason=request.POST.get("reason", ""))
    messages.success(request, f"{recusal.user} may open {case.label} again.")
    return _back(case)


@require_GET
@allowed("accounts.view_roles")
def why(request: StaffRequest) -> HttpResponse:
    """Show the path of grants between a person and a case. It opens no content of the case."""
    form = WhyForm(request.GET or None)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        person, case = form.cleaned_data["email"], form.cleaned_data["case"]
        context |= {
            "person": person,
            "case": case,
            "answer": openness.why(user=person, case=case),
        }
    return render(request, "cases/why.html", context)


@require_http_methods(["GET", "POST"])
@allowed(access.NAME_KEEPER)
@fresh_second_factor()
def keepers(request: StaffRequest) -> HttpResponse:
    """Name who lets people into a restricted case whose last keeper has gone."""
    form = KeeperForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        facts = form.cleaned_data
        with refusals_shown_in(form, request):
            access.name_keeper(
                actor=request.user, case=facts["case"], to=facts["keeper"], reason=facts["reason"]
            )
            messages.success(request, f"{facts['keeper']} keeps {facts['case'].label} from now on.")
            return redirect("cases:keepers")
    context = {"form": form, "count": Case.objects.waiting_for_keeper().count()}
    return render(request, "cases/keepers.html", context, status=422 if form.is_bound else 200)


def _back(case: Case) -> HttpResponse:
    return redirect(f"{reverse('cases:case', args=[case.pk])}#access")


def _back_or_to_the_queue(request: StaffRequest, case: Case) -> HttpResponse:
    """The case, unless the grant that ended was the reader's own."""
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return _back(case)
    return redirect("cases:queue")
