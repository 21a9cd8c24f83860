"""One's own account: second factor, sessions, API tokens."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import sessions, tokens
from accounts.forms import TokenForm
from accounts.models import ApiToken
from accounts.step_up import fresh_second_factor, has_second_factor
from accounts.views.access import StaffRequest, signed_in
from accounts.views.form_pages import form_page, refusals_shown_in


@require_GET
@signed_in
def me(request: StaffRequest) -> HttpResponse:
    """Show what opens this account, and what is open."""
    here = request.session.session_key
    context = {
        "has_second_factor": has_second_factor(request.user),
        "grants": request.user.role_grants.in_force().select_related("granted_by", "approved_by"),
        "sessions": [
            {"reference": sessions.reference(s), "session": s, "here": s.session_key == here}
            for s in sessions.of(request.user)
        ],
        "tokens": request.user.api_tokens.all()[:50],
    }
    return render(request, "accounts/me.html", context)


@require_POST
@signed_in
def end_session(request: StaffRequest) -> HttpResponse:
    """End one of one's own sessions, or all others."""
    ended = sessions.revoke(
        actor=request.user,
        user=request.user,
        wanted=request.POST.get("session") or None,
        kept=request.session.session_key,
    )
    messages.success(request, f"Sessions ended: {ended}.")
    return redirect("accounts:me")


@require_http_methods(["GET", "POST"])
@never_cache
@signed_in
@fresh_second_factor()
def create_token(request: StaffRequest) -> HttpResponse:
    """Make an API token. Its secret is on this page once, and nowhere afterwards."""
    form = TokenForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        with refusals_shown_in(form, request):
            token, secret = tokens.create(
                actor=request.user, user=request.user, **form.cleaned_data
            )
            return render(request, "accounts/token_made.html", {"token": token, "secret": secret})
    return form_page(
        request,
        form,
        title="Make an API token",
        lede="It acts in your name. You see its secret once.",
        button="Make the token",
    )


@require_POST
@signed_in
def revoke_token(request: StaffRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk, user=request.user)
    tokens.revoke(actor=request.user, token=token)
    messages.success(request, f"{token.name} no longer opens anything.")
    return redirect("accounts:me")
