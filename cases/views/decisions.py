"""Propose, answer and withdraw a decision. What is refused keeps what was typed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from accounts.middleware import note_refusal
from accounts.refusals import Refusal
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from cases import casepage, decisions, leases, queue, reviews, timeline
from cases.forms import DecisionForm
from cases.models import Case, Decision
from cases.refusals import OutcomeNotPermitted, StalePage
from cases.views.access import get_case_or_404
from cases.views.case import case_page


@require_POST
@signed_in
def propose_decision(request: StaffRequest, number: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    form = _sent_form(request, case)
    if not form.is_valid():
        return case_page(request, case, form=form, status=422)
    try:
        with _refusals_about(case):
            decision = decisions.propose(
                actor=request.user,
                case=case,
                proposal=form.proposal(),
                expected_version=form.cleaned_data["based_on"] or 0,
            )
    except OutcomeNotPermitted as refusal:
        note_refusal(request, refusal)
        form.add_error(None, str(refusal))
        return case_page(request, case, form=form, status=422)
    except StalePage as refusal:
        return _stale(request, case, refusal, typed=form.typed(), ids=["based-on"])
    messages.success(request, _on_record(case, decision))
    return _next_case(request)


@require_POST
@signed_in
@fresh_second_factor()
def answer_decision(request: StaffRequest, number: int, decision_id: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    decision = get_object_or_404(Decision.objects.select_related("case"), pk=decision_id, case=case)
    is_approved = request.POST.get("answer") == "yes"
    reason = request.POST.get("reason", "")
    try:
        with _refusals_about(case):
            decisions.answer(
                actor=request.user,
                decision=decision,
                is_approved=is_approved,
                reason=reason,
                expected_version=_based_on(request),
            )
    except StalePage as refusal:
        return _stale(
            request,
            case,
            refusal,
            typed=[{"label": "reason", "value": reason}],
            ids=["based-on-yes", "based-on-no"],
        )
    word = "is approved" if is_approved else "is sent back with your reason"
    messages.success(request, f"{case.label}: “{decision.get_outcome_display()}” {word}.")
    return _go_to_case(request, case)


@require_POST
@signed_in
def withdraw_decision(request: StaffRequest, number: int, decision_id: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    decision = get_object_or_404(Decision.objects.select_related("case"), pk=decision_id, case=case)
    try:
        with _refusals_about(case):
            decisions.withdraw(
                actor=request.user, decision=decision, expected_version=_based_on(request)
            )
    except StalePage as refusal:
        return _stale(request, case, refusal, typed=[], ids=["based-on"])
    messages.success(request, f"{case.label}: your proposal is withdrawn. The case is open again.")
    return _go_to_case(request, case)


@require_POST
@signed_in
def ask_for_review(request: StaffRequest, number: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    with _refusals_about(case):
        review = reviews.ask_for_review(
            actor=request.user, case=case, reason=request.POST.get("reason", "")
        )
    messages.success(request, f"{review.label} is open. Somebody else reviews what was decided.")
    return _go_to_case(request, review)


@contextmanager
def _refusals_about(case: Case) -> Iterator[None]:
    """A refusal belongs to the history of the case it was met on."""
    try:
        yield
    except Refusal as refusal:
        refusal.target = refusal.target or case
        raise


def _sent_form(request: StaffRequest, case: Case) -> DecisionForm:
    page = casepage.read(case=case, user=request.user)
    return DecisionForm(request.POST, case=case, profile=page.profile, offers=page.offers)


def _based_on(request: StaffRequest) -> int:
    """The version the page was read at. A page that does not say is out of date."""
    sent = request.POST.get("based_on", "")
    return int(sent) if sent.isdecimal() else 0


def _stale(
    request: StaffRequest,
    case: Case,
    refusal: StalePage,
    *,
    typed: list[dict[str, str]],
    ids: list[str],
) -> HttpResponse:
    """Show what changed. htmx also brings the fields `ids` the version they are based on now."""
    note_refusal(request, refusal)
    context = {
        "case": case,
        "changes": timeline.rows(refusal.changes),
        "current": refusal.current,
        "based_on_ids": ids,
        "typed": [entry for entry in typed if entry["value"]],
        "reload_url": reverse("cases:case", args=[case.pk]),
    }
    if not request.htmx:
        return render(request, "409.html", context, status=409)
    response = render(request, "cases/case/stale.html", context, status=409)
    return reswap(retarget(response, "#notice"), "innerHTML")


def _on_record(case: Case, decision: Decision) -> str:
    outcome = decision.get_outcome_display()
    if decision.needs_second:
        return f"{case.label}: “{outcome}” is proposed and waits for a second reviewer."
    return f"{case.label}: “{outcome}” is on record."


def _next_case(request: StaffRequest) -> HttpResponse:
    """Lease the next open case and go there, or back to the queue when none is free."""
    waiting = queue.ordered(
        user=request.user, filters=queue.Filters(states=(Case.State.OPEN.value,))
    )
    case = leases.claim_next(actor=request.user, cases=waiting)
    if case is not None:
        return _go_to_case(request, case)
    messages.info(request, "No undecided case is free.")
    return _go(request, redirect("cases:queue"))


def _go_to_case(request: StaffRequest, case: Case) -> HttpResponse:
    return _go(request, redirect("cases:case", number=case.pk))


def _go(request: StaffRequest, there: HttpResponseRedirect) -> HttpResponse:
    return HttpResponseClientRedirect(there.url) if request.htmx else there
