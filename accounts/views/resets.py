"""A lost second factor: asked for, agreed to by another administrator, and enrolled anew."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import resets as verbs
from accounts.models import SecondFactorReset, User
from accounts.resets import ResetRefused
from accounts.sessions import ENROLS_ANEW
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, allowed
from accounts.views.form_pages import ask_for_a_reason
from accounts.views.people import people_page


@require_http_methods(["GET", "POST"])
@allowed("accounts.manage_people")
@fresh_second_factor()
def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask that somebody's second factor be taken away, with a reason."""
    user = get_object_or_404(User, pk=pk)
    return ask_for_a_reason(
        request,
        act=lambda reason: verbs.ask(actor=request.user, user=user, reason=reason),
        done="A second administrator has to agree. Nothing has changed yet.",
        there="accounts:people",
        title=f"Reset the second factor of {user}",
        lede="For a lost passkey or app, where no recovery code is left. Make sure that it is the "
        "person who asks you: call them, or see them.",
        button="Ask for the reset",
    )


@require_POST
@never_cache
@allowed("accounts.manage_people")
@fresh_second_factor()
def approve(request: StaffRequest, pk: int) -> HttpResponse:
    """Agree as the second administrator, and show the link once."""
    reset, token = verbs.approve(
        actor=request.user, reset=get_object_or_404(SecondFactorReset, pk=pk)
    )
    link = request.build_absolute_uri(reverse("accounts:enrol_anew", args=[token]))
    lasts = f"{reset.user} enrols anew by it, within 24 hours, after signing in as before."
    return people_page(request, link=link, link_is_for=lasts)


@require_http_methods(["GET", "POST"])
@allowed("accounts.manage_people")
def refuse(request: StaffRequest, pk: int) -> HttpResponse:
    """Say no to a reset, with a reason."""
    reset = get_object_or_404(SecondFactorReset.objects.select_related("user"), pk=pk)
    return ask_for_a_reason(
        request,
        act=lambda reason: verbs.refuse(actor=request.user, reset=reset, reason=reason),
        done=f"The second factor of {reset.user} stays.",
        there="accounts:people",
        title=f"Refuse: {reset}",
        lede="Nothing changes for the person.",
        button="Refuse the reset",
    )


@require_POST
@allowed("accounts.manage_people")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    verbs.withdraw(actor=request.user, reset=get_object_or_404(SecondFactorReset, pk=pk))
    messages.success(request, "You no longer ask for this reset.")
    return redirect("accounts:people")


@require_http_methods(["GET", "POST"])
@never_cache
def enrol_anew(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link of a reset: from here the person signs in, and enrols before anything else."""
    try:
        reset = verbs.reset_of(token)
    except ResetRefused as refusal:
        return render(request, "accounts/link_refused.html", {"text": str(refusal)}, status=410)
    if request.method == "POST":
        logout(request)
        request.session[ENROLS_ANEW] = reset.pk
        return redirect("account_login")
    return render(request, "accounts/enrol_anew.html", {"reset": reset})
