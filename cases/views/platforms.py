"""The platforms we act on: what waits to be sent, and the pause that one person pulls."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.refusals import Refusal
from accounts.views.access import StaffRequest, signed_in
from cases import writes
from platforms import outbound
from platforms.models import Enforcement, OutboundPause, Platform, Profile


@require_GET
@signed_in
def platform_list(request: StaffRequest) -> HttpResponse:
    """Show each platform with its pause, its circuit and what has not settled there."""
    writes.require(request.user, "platforms.pause_outbound")
    now = timezone.now()
    pauses = {
        pause.platform_id: pause
        for pause in OutboundPause.objects.in_force()
        .with_accounts_to_read()
        .select_related("paused_by", "resume_asked_by", "platform")
    }
    unsettled = dict(
        Enforcement.objects.unsettled()
        .values("profile__platform")
        .annotate(count=Count("pk"))
        .values_list("profile__platform", "count")
    )
    held = dict(
        Profile.objects.held()
        .values("platform")
        .annotate(count=Count("pk"))
        .values_list("platform", "count")
    )
    rows = [
        {
            "platform": platform,
            "pause": pauses.get(platform.pk),
            "unsettled": unsettled.get(platform.pk, 0),
            "held": held.get(platform.pk, 0),
            "is_resting": bool(platform.circuit_open_until and platform.circuit_open_until > now),
        }
        for platform in Platform.objects.order_by("name")
    ]
    context = {
        "rows": rows,
        "pause_of_all": pauses.get(None),
        "may_pause": request.user.has_perm("platforms.pause_outbound"),
        "may_resume": request.user.has_perm("platforms.resume_outbound"),
    }
    return render(request, "cases/platforms.html", context)


@require_POST
@signed_in
def pause(request: StaffRequest) -> HttpResponse:
    """Stop what goes out to one platform, or to all where none is named."""
    slug = request.POST.get("platform", "")
    platform = get_object_or_404(Platform, slug=slug) if slug else None
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise Refusal("Say why: the two people who resume it have to know.")
    outbound.pause_outbound(actor=request.user, platform=platform, reason=reason)
    messages.success(request, f"Nothing goes out to {platform or 'any platform'} now.")
    return redirect("cases:platforms")


@require_POST
@signed_in
def ask_to_resume(request: StaffRequest, pause_id: int) -> HttpResponse:
    writes.require(request.user, "platforms.resume_outbound")
    asked = get_object_or_404(OutboundPause, pk=pause_id)
    outbound.ask_to_resume(actor=request.user, pause=asked)
    messages.success(request, "Asked. A second person has to agree.")
    return redirect("cases:platforms")


@require_POST
@signed_in
def resume(request: StaffRequest, pause_id: int) -> HttpResponse:
    writes.require(request.user, "platforms.resume_outbound")
    paused = get_object_or_404(OutboundPause, pk=pause_id)
    outbound.resume_outbound(actor=request.user, pause=paused)
    messages.success(request, "Outbound actions go on.")
    return redirect("cases:platforms")
