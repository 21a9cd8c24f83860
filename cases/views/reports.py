"""From a report to its case, for the coordinator who holds it; its summary, for the case's team.

To anybody else none of these addresses is there.
"""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import note_refusal
from accounts.models import User
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from cases import reportpage, reports, visibility
from cases.models import ReportedProfile
from cases.refusals import AccessRefused, ReportLinkRefused
from cases.reportpage import Account
from cases.views.access import get_case_or_404
from intake.desk_forms import ReasonForm, ShareForm
from intake.models import Report
from intake.views.desk import held_report_or_404
from platforms.models import Profile

# A page may hold these forms once for each account.
_OPEN_ID, _HAND_ID = "open{}_%s", "hand{}_%s"


class AccountForm(forms.Form):
    account = forms.CharField(
        label="Handle or link",
        help_text="The exact handle, or the address of the account's page.",
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )


@require_safe
@signed_in
def report_case(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """The accounts that a report speaks of, each with its case."""
    return _show(request, _held_or_404(request.user, report_id))


@require_POST
@signed_in
def link_account(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """Link the one account that was meant. Where there are several, ask which."""
    report = _held_or_404(request.user, report_id)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _show(request, report, account_form=form, status=422)
    found = list(reports.find_profiles(form.cleaned_data["account"]))
    chosen = [profile for profile in found if str(profile.pk) == request.POST.get("profile")]
    meant = chosen or found
    if not meant:
        form.add_error("account", "No account of this handle is known here.")
        return _show(request, report, account_form=form, status=422)
    if len(meant) > 1:
        return _show(request, report, account_form=form, found=found)
    try:
        reports.link_profile(actor=request.user, report=report, profile=meant[0])
    except ReportLinkRefused as refusal:
        note_refusal(request, refusal)
        form.add_error("account", str(refusal))
        return _show(request, report, account_form=form, status=422)
    messages.success(
        request, f"{meant[0]} is linked. Nobody but you and whoever can open it knows."
    )
    return redirect("cases:report_case", report_id)


@require_POST
@signed_in
def unlink_account(request: StaffRequest, report_id: UUID, link_id: int) -> HttpResponse:
    link = _link_or_404(request.user, report_id, link_id)
    reports.unlink_profile(actor=request.user, link=link)
    messages.success(request, f"{link.profile} is not linked any more.")
    return redirect("cases:report_case", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def open_from_report(request: StaffRequest, report_id: UUID, link_id: int) -> HttpResponse:
    link = _link_or_404(request.user, report_id, link_id)
    form = ReasonForm(request.POST, auto_id=_OPEN_ID.format(link.pk))
    if not form.is_valid():
        return _show(request, link.report, refused=(link, form), status=422)
    reports.open_from_report(
        actor=request.user,
        report=link.report,
        profile=link.profile,
        reason=form.cleaned_data["reason"],
    )
    messages.success(request, f"The report on {link.profile} has its case.")
    return redirect("cases:report_case", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def hand_over_report_case(request: StaffRequest, report_id: UUID, link_id: int) -> HttpResponse:
    """Let a colleague into the case. They learn what the summary says, and no more."""
    link = _link_or_404(request.user, report_id, link_id)
    form = ShareForm(request.POST, auto_id=_HAND_ID.format(link.pk))
    if not form.is_valid():
        return _show(request, link.report, refused=(link, form), status=422)
    colleague = form.cleaned_data["email"]
    try:
        reports.hand_to(
            actor=request.user, link=link, user=colleague, reason=form.cleaned_data["reason"]
        )
    except AccessRefused as refusal:
        note_refusal(request, refusal)
        form.add_error("email", str(refusal))
        return _show(request, link.report, refused=(link, form), status=422)
    messages.success(request, f"{colleague.name} finds the case in the queue from now on.")
    return redirect("cases:report_case", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def read_summary(request: StaffRequest, number: int, link_id: int) -> HttpResponse:
    """Show the coordinator's summary once, for a reason."""
    case = get_case_or_404(request.user, number)
    behind = visibility.reports_behind(case, request.user).select_related("report", "case")
    link = get_object_or_404(behind, pk=link_id)
    form = ReasonForm(request.POST)
    summary = None
    if form.is_valid():
        summary = reports.read_summary(
            actor=request.user, link=link, reason=form.cleaned_data["reason"]
        )
    context = {"case": case, "link": link, "form": form, "summary": summary}
    status = 422 if summary is None else 200
    return render(request, "cases/reports/summary.html", context, status=status)


def _held_or_404(user: User, report_id: UUID) -> Report:
    """Return the report if this coordinator holds it. To anybody else it is not there."""
    if not user.has_perm("cases.open_from_report"):
        raise Http404
    return held_report_or_404(user, report_id)


def _link_or_404(user: User, report_id: UUID, link_id: int) -> ReportedProfile:
    report = _held_or_404(user, report_id)
    links = report.reported_profiles.select_related("report", "case", "profile__platform")
    return get_object_or_404(links, pk=link_id)


def _show(
    request: StaffRequest,
    report: Report,
    *,
    account_form: AccountForm | None = None,
    found: list[Profile] | None = None,
    refused: tuple[ReportedProfile, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page. `refused` is a form of one account that could not be taken."""
    context = {
        "report": report,
        "accounts": [(account, *_forms(account, refused)) for account in reportpage.read(report)],
        "account_form": account_form or AccountForm(),
        "found": found or [],
    }
    return render(request, "cases/reports/case.html", context, status=status)


def _forms(
    account: Account, refused: tuple[ReportedProfile, forms.Form] | None
) -> tuple[forms.Form, forms.Form]:
    """The forms to open a case for an account and to hand it over, with what was refused."""
    open_form: forms.Form = ReasonForm(auto_id=_OPEN_ID.format(account.link.pk))
    hand_form: forms.Form = ShareForm(auto_id=_HAND_ID.format(account.link.pk))
    if refused is not None and refused[0] == account.link:
        if isinstance(refused[1], ShareForm):
            hand_form = refused[1]
        else:
            open_form = refused[1]
    return open_form, hand_form
