"""The roles page: who may do what, until when, and who agreed."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit, grants
from accounts.forms import ProposeGrantForm, ReviewForm
from accounts.matrix import GROUPS, ROLES, SENSITIVE_NAMES
from accounts.models import AccessReview, AuditEvent, GrantProposal, RoleGrant
from accounts.roles import Role
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, allowed
from accounts.views.csv_lines import Echo, safe_cell
from accounts.views.form_pages import ask_for_a_reason, form_page, refusals_shown_in
from accounts.views.waiting import grants_waiting

PEOPLE_PER_PAGE = 50
# Roles that ended lately are shown too, so that nobody wonders where they went.
SHOWN_AFTER_THE_END = timedelta(days=30)
EXPIRES_SOON = timedelta(days=14)


@require_GET
@allowed("accounts.view_roles")
def roles(request: StaffRequest) -> HttpResponse:
    """Show the matrix, who holds which role, and what waits for a second person."""
    wanted = request.GET.get("q", "").strip()
    page = _members(wanted, request.GET.get("page", "1"))
    context = {
        "groups": GROUPS,
        "roles": ROLES,
        "columns": len(ROLES) + 1,
        "sensitive": SENSITIVE_NAMES,
        "page": page,
        "wanted": wanted,
        "soon": timezone.now() + EXPIRES_SOON,
        "now": timezone.now(),
        "waiting": grants_waiting(request.user),
        "due_for_review": RoleGrant.objects.due_for_review().count(),
        "may_grant": request.user.has_perm("accounts.grant_role"),
    }
    return render(request, "accounts/roles.html", context)


def _last_act() -> Subquery:
    """When the person last did something that is on record."""
    events = AuditEvent.objects.filter(actor_user=OuterRef("user")).order_by("-at")
    return Subquery(events.values("at")[:1])


def _members(wanted: str, number: str) -> Page[Any]:
    held = (
        RoleGrant.objects.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now() - SHOWN_AFTER_THE_END)
        )
        .select_related("user", "granted_by", "approved_by")
        .annotate(last_act=_last_act())
        .order_by("user__name", "user_id", "starts_at", "id")
    )
    if wanted:
        held = held.filter(Q(user__name__icontains=wanted) | Q(user__email__icontains=wanted))
    return Paginator(held, PEOPLE_PER_PAGE).get_page(number)


@require_http_methods(["GET", "POST"])
@allowed("accounts.grant_role")
@fresh_second_factor()
def propose(request: StaffRequest) -> HttpResponse:
    """Ask for a role. An ordinary one is granted at once."""
    form = ProposeGrantForm(
        request.POST if request.method == "POST" else None, initial=request.GET.dict()
    )
    if form.is_valid():
        facts = form.cleaned_data
        with refusals_shown_in(form, request):
            proposal = grants.propose(
                actor=request.user,
                user=facts["email"],
                role=Role(facts["role"]),
                reason=facts["reason"],
                ends_at=form.ends_at,
            )
            messages.success(request, _what_follows(proposal))
            return redirect("accounts:roles")
    return form_page(
        request,
        form,
        title="Grant a role",
        lede=f"Takes two administrators: {SENSITIVE_NAMES}. The other roles count at once.",
        button="Grant",
    )


def _what_follows(proposal: GrantProposal) -> str:
    name = proposal.get_role_display().lower()
    if proposal.state == GrantProposal.State.PENDING:
        return f"{proposal.user} becomes {name} when a second administrator agrees."
    return f"{proposal.user} is {name}."


@require_POST
@allowed("accounts.grant_role")
@fresh_second_factor()
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    proposal = get_object_or_404(GrantProposal, pk=pk)
    grant = grants.approve(actor=request.user, proposal=proposal)
    messages.success(request, f"{grant.user} is {grant.get_role_display().lower()}.")
    return redirect("accounts:roles")


@require_POST
@allowed("accounts.grant_role")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    grants.withdraw(actor=request.user, proposal=get_object_or_404(GrantProposal, pk=pk))
    messages.success(request, "You no longer ask for this role.")
    return redirect("accounts:roles")


@require_http_methods(["GET", "POST"])
@allowed("accounts.grant_role")
def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Say no to a proposal, with a reason."""
    proposal = get_object_or_404(GrantProposal.objects.select_related("user"), pk=pk)
    return ask_for_a_reason(
        request,
        act=lambda reason: grants.refuse(actor=request.user, proposal=proposal, reason=reason),
        done=f"{proposal.user} does not get this role.",
        there="accounts:roles",
        title=f"Refuse: {proposal}",
        lede="Nothing changes for the person. They can be proposed again.",
        button="Refuse the grant",
    )


@require_http_methods(["GET", "POST"])
@allowed("accounts.grant_role")
@fresh_second_factor()
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """End a role now, with a reason."""
    grant = get_object_or_404(RoleGrant.objects.select_related("user"), pk=pk)
    return ask_for_a_reason(
        request,
        act=lambda reason: grants.end(actor=request.user, grant=grant, reason=reason),
        done=f"{grant.user} is no longer {grant.get_role_display().lower()}.",
        there="accounts:roles",
        title=f"End a role: {grant}",
        lede="It is off at the person's next request. Cases stay theirs until handed over.",
        button="End the role",
    )


@require_http_methods(["GET", "POST"])
@allowed("accounts.view_roles")
def review(request: StaffRequest) -> HttpResponseBase:
    """The access review: each grant that nobody has looked at for 90 days, kept or ended."""
    return _reviewed(request) if request.method == "POST" else _review_page(request)


@allowed("accounts.grant_role")
@fresh_second_factor()
def _reviewed(request: StaffRequest) -> HttpResponse:
    form = ReviewForm(request.POST)
    if form.is_valid():
        facts = form.cleaned_data
        with refusals_shown_in(form, request):
            grants.review(
                actor=request.user,
                grant=facts["grant"],
                outcome=AccessReview.Outcome(facts["outcome"]),
                reason=facts["reason"],
            )
            messages.success(request, "The review is on record.")
            return redirect("accounts:review")
    return _review_page(request, refused=form)


def _review_page(request: StaffRequest, *, refused: ReviewForm | None = None) -> HttpResponse:
    due = (
        RoleGrant.objects.due_for_review()
        .select_related("user", "granted_by", "approved_by")
        .annotate(last_act=_last_act())
        .order_by("starts_at", "id")
    )
    done = AccessReview.objects.select_related("grant__user", "reviewed_by").order_by("-at")
    context = {
        "page": Paginator(due, PEOPLE_PER_PAGE).get_page(request.GET.get("page", "1")),
        "done": done[:PEOPLE_PER_PAGE],
        "may_grant": request.user.has_perm("accounts.grant_role"),
        "now": timezone.now(),
        "refused": refused,
    }
    return render(request, "accounts/review.html", context, status=422 if refused else 200)


@require_GET
@allowed("accounts.view_roles")
def record(request: StaffRequest) -> HttpResponseBase:
    """Every grant there ever was, as CSV. The export is an event itself."""
    audit.record(actor=request.user, verb="export_roles", target=request.user)
    writer = csv.writer(Echo())

    def lines() -> Iterator[str]:
        yield writer.writerow(
            ["person", "e-mail", "role", "from", "until", "granted by", "agreed by", "reason"]
        )
        held = RoleGrant.objects.select_related("user", "granted_by", "approved_by")
        for grant in held.order_by("id").iterator(chunk_size=1000):
            yield writer.writerow(
                [
                    safe_cell(grant.user.name),
                    grant.user.email,
                    grant.get_role_display(),
                    grant.starts_at.isoformat(),
                    grant.ends_at.isoformat() if grant.ends_at else "",
                    safe_cell(grant.granted_by.name if grant.granted_by else ""),
                    safe_cell(grant.approved_by.name if grant.approved_by else ""),
                    safe_cell(grant.reason),
                ]
            )

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="roles.csv"'},
    )
