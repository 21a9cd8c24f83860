"""The people page: who works here, who is invited, and closing an account."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import people as verbs
from accounts import sessions
from accounts.forms import InviteForm
from accounts.models import AuditEvent, Invitation, RoleGrant, SecondFactorReset, User
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, allowed
from accounts.views.form_pages import ask_for_a_reason, refusals_shown_in
from accounts.views.waiting import resets_waiting

PEOPLE_PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@never_cache
@allowed("accounts.manage_people")
@fresh_second_factor()
def people(request: StaffRequest) -> HttpResponse:
    """Show everybody, and invite somebody. The link of an invitation is shown here, once."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_shown_in(form, request):
            _, token = verbs.invite(actor=request.user, **form.cleaned_data)
            link = request.build_absolute_uri(reverse("accounts:accept_invitation", args=[token]))
            return people_page(request, link=link, link_is_for="It works once, for seven days.")
    return people_page(request, form)


def people_page(
    request: StaffRequest,
    form: InviteForm | None = None,
    *,
    link: str = "",
    link_is_for: str = "",
) -> HttpResponse:
    """Show the page, with a link that was just made. A form that was sent was refused."""
    wanted = request.GET.get("q", "").strip()
    context = {
        "form": form or InviteForm(),
        "link": link,
        "link_is_for": link_is_for,
        "wanted": wanted,
        "page": Paginator(_people(wanted), PEOPLE_PER_PAGE).get_page(request.GET.get("page", "1")),
        "invitations": Invitation.objects.open().select_related("invited_by").order_by("-pk")[:50],
        "waiting": resets_waiting(request.user),
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "accounts/people.html", context, status=status)


def _people(wanted: str) -> QuerySet[Any]:
    last_act = AuditEvent.objects.filter(actor_user=OuterRef("pk")).order_by("-at").values("at")
    held = Prefetch("role_grants", RoleGrant.objects.in_force(), to_attr="held")
    found = (
        User.objects.annotate(last_act=Subquery(last_act[:1]), may_reset=_may_reset())
        .prefetch_related(held)
        .order_by("-is_active", "name", "pk")
    )
    if wanted:
        found = found.filter(Q(name__icontains=wanted) | Q(email__icontains=wanted))
    return found


def _may_reset() -> Exists | Q:
    """Whether there is a second factor to take away, or a link of a reset to make anew."""
    approved = SecondFactorReset.objects.filter(
        user=OuterRef("pk"), state=SecondFactorReset.State.APPROVED
    )
    return Exists(Authenticator.objects.filter(user=OuterRef("pk"))) | Exists(approved)


@require_POST
@allowed("accounts.manage_people")
def revoke_invitation(request: StaffRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk)
    verbs.revoke_invitation(actor=request.user, invitation=invitation)
    messages.success(request, f"The link for {invitation.email} no longer works.")
    return redirect("accounts:people")


@require_POST
@allowed("accounts.manage_people")
def end_sessions(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign a person out everywhere, as when a machine is lost."""
    user = get_object_or_404(User, pk=pk)
    ended = sessions.revoke(actor=request.user, user=user)
    messages.success(request, f"{user} was signed out of {ended} sessions.")
    return redirect("accounts:people")


@require_http_methods(["GET", "POST"])
@allowed("accounts.manage_people")
@fresh_second_factor()
def close_account(
    request: StaffRequest, pk: int, verb: Callable[..., User] = verbs.deactivate
) -> HttpResponse:
    """Close an account, with a reason.

    `verb` is how: the desk's address hands in its own, which releases leases and hands cases
    over in the same transaction.
    """
    user = get_object_or_404(User, pk=pk)
    return ask_for_a_reason(
        request,
        act=lambda reason: verb(actor=request.user, user=user, reason=reason),
        done=f"{user}'s account is closed.",
        there="accounts:people",
        title=f"Close the account of {user}",
        lede="Roles, API tokens and sessions end at once. What they did stays on record.",
        button="Close the account",
    )
