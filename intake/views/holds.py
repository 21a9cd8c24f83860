"""Legal holds: proposed on the report's side of the desk, agreed to by legal counsel.

Counsel sees the reason and the day of the report, and nothing else of it. To anybody else none
of these addresses is there.
"""

from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import note_refusal
from accounts.models import User
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from accounts.views.form_pages import ask_for_a_reason
from intake import holds, terms
from intake.desk_forms import HoldForm, ReasonForm
from intake.models import LegalHold, Report
from intake.refusals import HoldRefused
from intake.views.desk import held_report_or_404

State = LegalHold.State


@require_safe
@signed_in
def hold(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """The hold on one report, for the coordinator who holds it, or the form to propose one."""
    return _show(request, held_report_or_404(request.user, report_id))


@require_POST
@signed_in
@fresh_second_factor()
def propose(request: StaffRequest, report_id: UUID) -> HttpResponse:
    report = held_report_or_404(request.user, report_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _show(request, report, hold_form=form, status=422)
    try:
        holds.propose(actor=request.user, report=report, **form.cleaned_data)
    except HoldRefused as refusal:
        note_refusal(request, refusal)
        form.add_error("ends_on", str(refusal))
        return _show(request, report, hold_form=form, status=422)
    messages.success(request, "Legal counsel finds it on their page. Nothing is held before.")
    return redirect("intake:hold", report_id)


@require_POST
@signed_in
def end_own(request: StaffRequest, report_id: UUID, hold_id: UUID) -> HttpResponse:
    report = held_report_or_404(request.user, report_id)
    held = get_object_or_404(report.legal_holds.filter(state=State.IN_FORCE), pk=hold_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _show(request, report, reason_form=form, status=422)
    holds.end(actor=request.user, hold=held, reason=form.cleaned_data["reason"])
    messages.success(request, "The hold has ended. The report's ordinary days count again.")
    return redirect("intake:hold", report_id)


@require_safe
@signed_in
def overview(request: StaffRequest) -> HttpResponse:
    """What waits for counsel, and what is held until when."""
    if not request.user.has_perm(holds.AGREE):
        raise Http404
    listed = LegalHold.objects.visible_to(request.user).select_related(
        "report", "proposed_by", "agreed_by"
    )
    context = {
        "waiting": [hold for hold in listed if hold.state == State.PROPOSED],
        "in_force": [hold for hold in listed if hold.state == State.IN_FORCE],
    }
    return render(request, "intake/holds/overview.html", context)


@require_POST
@signed_in
@fresh_second_factor()
def agree(request: StaffRequest, hold_id: UUID) -> HttpResponse:
    held = _hold_or_404(request.user, hold_id)
    holds.agree(actor=request.user, hold=held)
    messages.success(request, f"The report is kept until {held.ends_on:%-d %B %Y}.")
    return redirect("intake:holds")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def say_no(request: StaffRequest, hold_id: UUID) -> HttpResponse:
    """Ask for a reason, then refuse a hold that waits, or end one that is in force."""
    held = _hold_or_404(request.user, hold_id)
    is_waiting = held.state == State.PROPOSED
    verb = holds.refuse if is_waiting else holds.end
    return ask_for_a_reason(
        request,
        act=lambda reason: verb(actor=request.user, hold=held, reason=reason),
        done="The hold is refused." if is_waiting else "The hold has ended.",
        there="intake:holds",
        title="Refuse the hold" if is_waiting else "End the hold",
        lede="The report's ordinary days count. The reason stays in its record.",
        button="Refuse" if is_waiting else "End it",
    )


def _hold_or_404(user: User, hold_id: UUID) -> LegalHold:
    held = LegalHold.objects.visible_to(user).select_related("report", "proposed_by")
    return get_object_or_404(held, pk=hold_id)


def _show(request: StaffRequest, report: Report, status: int = 200, **forms: Form) -> HttpResponse:
    live = report.legal_holds.filter(state__in=[State.PROPOSED, State.IN_FORCE])
    context = {
        "report": report,
        "hold": live.select_related("proposed_by", "agreed_by").first(),
        "days": terms.HOLD_DAYS_AT_MOST,
        "hold_form": HoldForm(),
        "reason_form": ReasonForm(),
    }
    return render(request, "intake/holds/hold.html", context | forms, status=status)
