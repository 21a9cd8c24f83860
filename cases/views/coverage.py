"""The coverage page: which listed people are covered, and which are not."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.views.access import StaffRequest, signed_in
from cases import coverage, writes
from platforms.models import Platform
from sanctions.models import Source


@require_GET
@signed_in
def coverage_page(request: StaffRequest) -> HttpResponse:
    """Show listed people, a page at a time: those with an account found, unless asked for all."""
    writes.require(request.user, "cases.view_coverage")
    filters = coverage.Filters(
        find=request.GET.get("find", "").strip()[:100],
        source=request.GET.get("list", ""),
        with_all=request.GET.get("show") == "all",
    )
    page = coverage.page(
        user=request.user,
        filters=filters,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    platforms = list(Platform.objects.filter(is_active=True).order_by("name", "pk"))
    rows = coverage.rows(user=request.user, designations=page.rows, platforms=platforms)
    context = {
        "filters": filters,
        "sources": Source.objects.order_by("name"),
        "platforms": platforms,
        "rows": rows,
        "figures": coverage.figures(request.user),
        "now": timezone.now(),
        "all_url": reverse("cases:coverage"),
        "previous_url": page.before and _address(filters, before=page.before),
        "next_url": page.after and _address(filters, after=page.after),
    }
    return render(request, "cases/coverage.html", context)


def _address(filters: coverage.Filters, **cursor: str) -> str:
    pairs = {
        "find": filters.find,
        "list": filters.source,
        "show": "all" if filters.with_all else "",
        **cursor,
    }
    query = urlencode({name: value for name, value in pairs.items() if value})
    return f"{reverse('cases:coverage')}?{query}"
