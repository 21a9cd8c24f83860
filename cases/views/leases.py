"""Take and give back leases, one case or several. Outcomes are decided one case at a time."""

import json

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import middleware
from accounts.refusals import Refusal
from accounts.views.access import StaffRequest, signed_in
from cases import leases, queue, writes
from cases.models import Case
from cases.views.access import get_case_or_404

LEASES_AT_ONCE = 50


@require_POST
@signed_in
def take_lease(request: StaffRequest, number: int) -> HttpResponse:
    """Lease one case. Raises `LeaseHeld` while somebody else's lease lasts."""
    case = get_case_or_404(request.user, number)
    case = leases.take_lease(actor=request.user, case=case)
    return _answer(request, case, f"You hold {case.label} until {case.lease_ends_at:%H:%M} UTC.")


@require_POST
@signed_in
def release_lease(request: StaffRequest, number: int) -> HttpResponse:
    """Give one case back to the queue."""
    case = get_case_or_404(request.user, number)
    case = leases.release_lease(actor=request.user, case=case)
    return _answer(request, case, f"{case.label} is free again.")


@require_POST
@signed_in
def take_leases(request: StaffRequest) -> HttpResponse:
    """Lease the selected cases, each by itself, and say of each what became of it."""
    writes.require(request.user, "cases.bulk_work")
    numbers = [int(number) for number in request.POST.getlist("case") if number.isdecimal()]
    chosen = Case.objects.visible_to(request.user).filter(pk__in=numbers[:LEASES_AT_ONCE])
    taken, refused = [], []
    for case in chosen.order_by("pk"):
        try:
            taken.append(leases.take_lease(actor=request.user, case=case).label)
        except Refusal as refusal:
            middleware.note_refusal(request, refusal)
            refused.append(f"{case.label}: {refusal}")
    if taken:
        many = "1 lease" if len(taken) == 1 else f"{len(taken)} leases"
        messages.success(request, f"{many} taken: {', '.join(taken)}.")
    for line in refused:
        messages.warning(request, line)
    if not taken and not refused:
        messages.info(request, "No case was selected.")
    return redirect(_back(request))


def _answer(request: StaffRequest, case: Case, text: str) -> HttpResponse:
    """The lease's own cell to htmx, so that the cursor stays; the page it came from otherwise."""
    if request.htmx and request.htmx.target:
        context = {"case": case, "now": timezone.now(), "may_work": True}
        response = render(request, "cases/partials/lease.html", context)
        response["HX-Trigger"] = json.dumps({"announce": text})
        return response
    messages.success(request, text)
    return redirect(_back(request))


def _back(request: StaffRequest) -> str:
    """The page the reader came from, as long as it is one of ours."""
    address = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return address
    filters = queue.Filters.from_query(request.GET)
    query = filters.to_query()
    return f"{reverse('cases:queue')}?{query}" if query else reverse("cases:queue")
