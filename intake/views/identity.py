"""Who sent a report, for the coordinator who holds it: ask, wait, see it for 72 hours.

To anybody else none of these addresses is there.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.middleware import note_refusal
from accounts.models import User
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from intake import terms
from intake.models import Report
from intake.models.vault import Identity, IdentityRequest
from intake.vault import requests
from intake.vault.forms import AskForm, WordsForm
from intake.vault.refusals import WrongWords
from intake.views.desk import held_report_or_404

State = IdentityRequest.State


@require_safe
@signed_in
def identity(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """The request that waits or was answered, or the form to make one."""
    return _show(request, held_report_or_404(request.user, report_id))


@require_POST
@signed_in
@fresh_second_factor()
def ask(request: StaffRequest, report_id: UUID) -> HttpResponse:
    """Make a request, and show the words that open its release. They have no other page."""
    report = held_report_or_404(request.user, report_id)
    form = AskForm(request.POST)
    if not form.is_valid():
        return _show(request, report, ask_form=form, status=422)
    made, words = requests.ask(actor=request.user, report=report, **form.cleaned_data)
    context = {"report": report, "asked": made, "words": words}
    return render(request, "intake/vault/words.html", context)


@require_POST
@signed_in
def withdraw(request: StaffRequest, report_id: UUID, request_id: UUID) -> HttpResponse:
    shown = _own_or_404(request.user, report_id, request_id)
    requests.withdraw(actor=request.user, request=shown)
    messages.success(request, "Your request is over. What custodians resealed is deleted.")
    return redirect("intake:identity", report_id)


@require_POST
@signed_in
@fresh_second_factor()
def open_identity(request: StaffRequest, report_id: UUID, request_id: UUID) -> HttpResponse:
    """Show who sent the report, on a page without an address."""
    shown = _own_or_404(request.user, report_id, request_id)
    form = WordsForm(request.POST)
    if not form.is_valid():
        return _show(request, shown.report, words_form=form, status=422)
    try:
        opened = requests.open_identity(
            actor=request.user, request=shown, words=form.cleaned_data["words"]
        )
    except WrongWords as refusal:
        note_refusal(request, refusal)
        form.add_error("words", str(refusal))
        return _show(request, shown.report, words_form=form, status=422)
    context = {"report": shown.report, "asked": shown, "opened": opened}
    return render(request, "intake/vault/opened.html", context)


def _own_or_404(user: User, report_id: UUID, request_id: UUID) -> IdentityRequest:
    report = held_report_or_404(user, report_id)
    own = IdentityRequest.objects.filter(report=report, requester=user).select_related("report")
    return get_object_or_404(own, pk=request_id)


def _show(request: StaffRequest, report: Report, status: int = 200, **forms: Form) -> HttpResponse:
    asked = IdentityRequest.objects.filter(report=report).select_related("requester")
    latest = asked.order_by("-requested_at").first()
    # A request by somebody who held the report before ends when its holder asks.
    own = latest if latest is not None and latest.requester == request.user else None
    is_live = own is not None and own.state in (State.PENDING, State.RELEASED)
    has_objected = latest is not None and latest.state == State.OBJECTED
    has_identity = Identity.objects.filter(report=report).exists()
    context: dict[str, Any] = {
        "report": report,
        "latest": latest,
        "is_live": is_live,
        "has_identity": has_identity,
        "may_ask": has_identity and not has_objected and not is_live,
        "hours": terms.OBJECTION_HOURS,
        "visible_hours": terms.IDENTITY_VISIBLE_HOURS,
        "ask_form": AskForm(),
        "words_form": WordsForm(),
    }
    return render(request, "intake/vault/identity.html", context | forms, status=status)
