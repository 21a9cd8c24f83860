"""Inviting people, and taking up an invitation."""

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import people
from accounts.forms import ChoosePasswordForm


@require_http_methods(["GET", "POST"])
@never_cache
@sensitive_post_parameters()
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Open an account by the link of an invitation, and sign in."""
    try:
        invitation = people.invitation_of(token)
    except people.InvitationRefused as refusal:
        return render(request, "accounts/link_refused.html", {"text": str(refusal)}, status=410)
    form = ChoosePasswordForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            user = people.accept(token=token, password=form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error("password", error)
        else:
            return perform_login(request, Login(user=user))
    context = {"form": form, "invitation": invitation}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/accept_invitation.html", context, status=status)
