"""The case page, whole or the part that htmx asked for."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.views.access import StaffRequest, signed_in
from cases import casepage
from cases.casepage import Bar, CasePage
from cases.forms import DecisionForm, GrantAccessForm
from cases.models import Case
from cases.views.access import get_case_or_404

# The parts of the page that may be swapped alone, by the id of their place.
PARTS = {"match": "cases/case/match.html", "decision": "cases/case/decision.html"}


@require_safe
@signed_in
def show_case(request: StaffRequest, number: int) -> HttpResponse:
    return case_page(request, get_case_or_404(request.user, number))


def case_page(
    request: StaffRequest,
    case: Case,
    *,
    form: DecisionForm | None = None,
    grant_form: GrantAccessForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page. A form that is given was sent and could not be taken."""
    match_id = request.GET.get("match", "")
    page = casepage.read(
        case=case, user=request.user, match_id=int(match_id) if match_id.isdecimal() else None
    )
    if form is None and page.bar == Bar.DECIDE:
        form = decision_form(page)
    context = {
        "page": page,
        "case": case,
        "form": form,
        "grant_form": grant_form,
        "page_url": reverse("cases:case", args=[case.pk]),
    }
    part = PARTS.get(request.htmx.target or "") if request.htmx else None
    return render(request, part or "cases/case.html", context, status=status)


def decision_form(page: CasePage) -> DecisionForm:
    """An empty decision form for the page as it was read."""
    return DecisionForm(case=page.case, profile=page.profile, offers=page.offers)
