"""Actions towards a platform that failed or were never answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.views.access import StaffRequest, signed_in
from cases.views.access import get_case_or_404
from platforms.enforcement import cancel_enforcement
from platforms.models import Enforcement


@require_POST
@signed_in
def end_action(request: StaffRequest, number: int, enforcement_id: int) -> HttpResponse:
    """End an action about an account of the case. The refusal belongs to its history."""
    case = get_case_or_404(request.user, number)
    enforcement = get_object_or_404(Enforcement, pk=enforcement_id, profile__in=case.profiles.all())
    cancel_enforcement(
        actor=request.user, enforcement=enforcement, reason=request.POST.get("reason", "")
    )
    messages.success(request, f"{enforcement.get_action_display()} is ended. Nobody sends it.")
    return redirect("cases:case", number=case.pk)
