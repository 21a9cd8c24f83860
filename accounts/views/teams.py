"""The teams page: who gets the same restricted cases."""

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import teams as verbs
from accounts.forms import PersonForm, TeamForm
from accounts.models import User
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, allowed
from accounts.views.form_pages import ask_for_a_reason, form_page, refusals_shown_in


@require_http_methods(["GET", "POST"])
@never_cache
@allowed("accounts.manage_people")
def teams(request: StaffRequest) -> HttpResponse:
    """Show every team with its members, and make one."""
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_shown_in(form, request):
            team = verbs.create(actor=request.user, name=form.cleaned_data["name"])
            messages.success(request, f"{team} is a team now. It has no members yet.")
            return redirect("accounts:teams")
    members = Prefetch("user_set", User.objects.order_by("name", "pk"), to_attr="members")
    context = {"form": form, "teams": Group.objects.prefetch_related(members).order_by("name")}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/teams.html", context, status=status)


@require_http_methods(["GET", "POST"])
@allowed("accounts.manage_people")
@fresh_second_factor()
def add_member(request: StaffRequest, pk: int) -> HttpResponse:
    """Put a person into a team, with a reason."""
    team = get_object_or_404(Group, pk=pk)
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        facts = form.cleaned_data
        with refusals_shown_in(form, request):
            verbs.add_member(
                actor=request.user, team=team, user=facts["email"], reason=facts["reason"]
            )
            messages.success(request, f"{facts['email']} is in {team}.")
            return redirect("accounts:teams")
    return form_page(
        request,
        form,
        title=f"Add somebody to {team}",
        lede="They open every restricted case that was granted to the team.",
        button="Add to the team",
    )


@require_http_methods(["GET", "POST"])
@allowed("accounts.manage_people")
def remove_member(request: StaffRequest, pk: int, user_pk: int) -> HttpResponse:
    """Take a person out of a team, with a reason."""
    team = get_object_or_404(Group, pk=pk)
    user = get_object_or_404(User, pk=user_pk, groups=team)
    return ask_for_a_reason(
        request,
        act=lambda reason: verbs.remove_member(
            actor=request.user, team=team, user=user, reason=reason
        ),
        done=f"{user} is no longer in {team}.",
        there="accounts:teams",
        title=f"Take {user} out of {team}",
        lede="Restricted cases of the team are closed to them at their next request.",
        button="Take out",
    )
