"""The teams page: who gets the same restricted cases."""

from django.contrib import messages
from django.contrib.auth.models import Group
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import teams as verbs
from accounts.forms import PersonForm, ReasonForm, TeamForm
from accounts.middleware import note_refusal
from accounts.models import User
from accounts.refusals import Refusal
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, allowed


@require_http_methods(["GET", "POST"])
@never_cache
@allowed("accounts.manage_people")
def teams(request: StaffRequest) -> HttpResponse:
    """Show every team with its members, and make one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            team = verbs.create(actor=request.user, name=form.cleaned_data["name"])
        except Refusal as refusal:
            note_refusal(request, refusal)
            form.add_error("name", str(refusal))
        else:
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
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        try:
            verbs.add_member(
                actor=request.user, team=team, user=facts["email"], reason=facts["reason"]
            )
        except Refusal as refusal:
            note_refusal(request, refusal)
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{facts['email']} is in {team}.")
            return redirect("accounts:teams")
    context = {
        "form": form,
        "title": f"Add somebody to {team}",
        "lede": "They open every restricted case that was granted to the team.",
        "button": "Add to the team",
    }
    return render(request, "accounts/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@allowed("accounts.manage_people")
def remove_member(request: StaffRequest, pk: int, user_pk: int) -> HttpResponse:
    """Take a person out of a team, with a reason."""
    team = get_object_or_404(Group, pk=pk)
    user = get_object_or_404(User, pk=user_pk, groups=team)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verbs.remove_member(
            actor=request.user, team=team, user=user, reason=form.cleaned_data["reason"]
        )
        messages.success(request, f"{user} is no longer in {team}.")
        return redirect("accounts:teams")
    context = {
        "form": form,
        "title": f"Take {user} out of {team}",
        "lede": "Restricted cases of the team are closed to them at their next request.",
        "button": "Take out",
    }
    return render(request, "accounts/form.html", context, status=422 if form.is_bound else 200)
