"""Reports at the desk: a list of headers, one report, and what a coordinator does with it.

Whoever has neither the role nor a grant gets 404 everywhere: no page, count or refusal tells
them that reports exist.
"""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.forms import ChoiceField, Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import note_refusal
from accounts.models import User
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from intake import access, reading
from intake.desk_forms import CloseForm, ReasonForm, ReplyForm, ShareForm, SummaryForm
from intake.forms import AccountsForm, LanguagesForm
from intake.models import Report, ReportGrant
from intake.refusals import CannotShare

WAITING_SHOWN = 100


def report_or_404(user: User, report_id: UUID) -> Report:
    """The report, to whoever may know of it."""
    report = Report.objects.visible_to(user).filter(pk=report_id).first()
    if report is None:
        raise Http404
    return report


def held_report_or_404(user: User, report_id: UUID) -> Report:
    """The report, to the coordinator who holds it. To anybody else it is not there."""
    held = report_or_404(user, report_id)
    if access.holder(held) != user:
        raise Http404
    return held


@require_safe
@signed_in
def report_list(request: StaffRequest) -> HttpResponse:
    """Headers: the day, and whether a partner vouches. Their order tells nothing of time."""
    grants = ReportGrant.objects.in_force().filter(user=request.user).select_related("report")
    triages = request.user.has_perm("intake.triage_report")
    held = list(grants.order_by("report__day", "pk"))
    if not triages and not held:
        raise Http404
    waiting = Report.objects.waiting().partners_first() if triages else Report.objects.none()
    context = {
        "triages": triages,
        "waiting": waiting.only("pk", "day", "from_partner")[:WAITING_SHOWN],
        "waiting_count": waiting.count(),
        "grants": held,
    }
    return render(request, "intake/desk/reports.html", context)


@require_safe
@signed_in
def report(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """The header of one report, and the door to its content."""
    return show(request, report_or_404(request.user, report_id))


@require_POST
@signed_in
def claim(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    access.claim(actor=request.user, report=shown)
    messages.success(request, "The report is yours. Nobody else sees it in the list.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def read(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """Show the content, once, for a reason. It has no address that could be opened again."""
    shown = report_or_404(request.user, report_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, shown, reason_form=form, status=422)
    opened = reading.read(actor=request.user, report=shown, reason=form.cleaned_data["reason"])
    context = _context(request, shown) | {
        "opened": opened,
        "reason": form.cleaned_data["reason"],
        "opens_originals": request.user.has_perm("intake.open_original"),
        "why": _label(AccountsForm, "why", opened.why),
        "languages": [_label(LanguagesForm, "languages", code) for code in opened.languages],
        "reply_form": ReplyForm(),
        "summary_form": SummaryForm(initial={"text": opened.summary}),
        "close_form": CloseForm(),
    }
    return render(request, "intake/desk/opened.html", context)


@require_POST
@signed_in
@fresh_second_factor()
def reply(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return show(request, shown, reply_form=form, status=422)
    reading.reply(actor=request.user, report=shown, text=form.cleaned_data["text"])
    messages.success(request, "Your message waits in the reporter's inbox.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def summarise(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    form = SummaryForm(request.POST)
    if not form.is_valid():
        return show(request, shown, summary_form=form, status=422)
    reading.summarise(actor=request.user, report=shown, text=form.cleaned_data["text"])
    messages.success(request, "The summary is kept, sealed like the report.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def share(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    form = ShareForm(request.POST)
    if not form.is_valid():
        return show(request, shown, share_form=form, status=422)
    colleague = form.cleaned_data["email"]
    try:
        access.share(
            actor=request.user,
            report=shown,
            user=colleague,
            reason=form.cleaned_data["reason"],
        )
    except CannotShare as refusal:
        note_refusal(request, refusal)
        form.add_error("email", str(refusal))
        return show(request, shown, share_form=form, status=422)
    messages.success(request, f"{colleague.name} can open this report from now on.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
def end_share(request: StaffRequest, report_id: UUID, grant_id: int) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    grant = shown.grants.filter(pk=grant_id).first()
    if grant is None:
        raise Http404
    access.end_share(actor=request.user, grant=grant)
    messages.success(request, f"{grant.user.name} cannot open this report any more.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def close(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return show(request, shown, close_form=form, status=422)
    outcome = Report.Outcome(form.cleaned_data["outcome"])
    reading.close(actor=request.user, report=shown, outcome=outcome)
    messages.success(request, "The report is closed. Its reporter reads the outcome.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
def reopen(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    reading.reopen(actor=request.user, report=shown)
    messages.success(request, "The report is in your hands again.")
    return redirect("intake:report", report_id)


@require_POST
@signed_in
def hand_back(request: StaffRequest, report_id: UUID) -> HttpResponse:
    shown = report_or_404(request.user, report_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, shown, hand_back_form=form, status=422)
    access.hand_back(actor=request.user, report=shown, reason=form.cleaned_data["reason"])
    messages.success(request, "The report is back in the list. Every grant to read it ended.")
    return redirect("intake:reports")


def _label(form: type[Form], field: str, value: str) -> str:
    """What the reporter read beside the choice they made, in the desk's language."""
    choices = cast("list[tuple[str, Any]]", cast(ChoiceField, form.base_fields[field]).choices)
    return str(dict(choices).get(value, value))


def show(request: StaffRequest, shown: Report, status: int = 200, **forms: Form) -> HttpResponse:
    """The page of one report, with what was typed into a form that was refused."""
    context = _context(request, shown) | forms
    return render(request, "intake/desk/report.html", context, status=status)


def _context(request: StaffRequest, shown: Report) -> dict[str, Any]:
    grants = list(shown.grants.in_force().select_related("user").order_by("granted_at"))
    return {
        "report": shown,
        "grants": grants,
        "may_read": any(grant.user == request.user for grant in grants),
        "holds": any(g.user == request.user and g.kind == ReportGrant.Kind.CLAIM for g in grants),
        "reason_form": ReasonForm(auto_id="read_%s"),
        "hand_back_form": ReasonForm(auto_id="back_%s"),
        "share_form": ShareForm(),
    }
