"""The queue page, and where somebody lands who opens the desk."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.views.access import StaffRequest, signed_in
from cases import leases, queue, queue_rows, writes
from cases.backlog import Urgencies, next_midnight, urgencies
from cases.facets import facets
from cases.keyset import Count, count_up_to
from cases.models import Case
from cases.models.cases import CaseQuerySet
from cases.navigation import already_counted, first_page


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring rows under one heading. Without a heading: rows in another order."""

    rows: list[queue_rows.Row]
    family: str = ""
    mark: str = ""
    title: str = ""
    hint: str = ""
    count: Count | None = None


@require_GET
@signed_in
def landing(request: StaffRequest) -> HttpResponse:
    """Go to the first page that this person's roles open, or say that they have no role yet."""
    address = first_page(request.user)
    if address is None:
        return render(request, "cases/no_role.html")
    return redirect(address)


@require_GET
@vary_on_headers("HX-Request")
@signed_in
def queue_page(request: StaffRequest) -> HttpResponse:
    """Show one page of open cases. htmx gets the table and what stands above it."""
    writes.require(request.user, "cases.view_case")
    filters = queue.Filters.from_query(request.GET)
    context = _context(request, filters)
    if request.htmx and not request.htmx.history_restore_request:
        response = render(request, "cases/partials/queue_swap.html", context)
        response["HX-Push-Url"] = str(context["address"])
        return response
    context["facets"] = facets(
        user=request.user, filters=filters, with_counts=not context["open"].is_more
    )
    return render(request, "cases/queue.html", context)


@require_POST
@signed_in
def claim_next(request: StaffRequest) -> HttpResponse:
    """Lease the first free case of the queue as it is filtered, and open it."""
    filters = queue.Filters.from_query(request.GET)
    case = leases.claim_next(
        actor=request.user, cases=queue.ordered(user=request.user, filters=filters)
    )
    if case is None:
        messages.info(request, "No free case is left here. Others hold them, or all are decided.")
        return redirect(_address(filters))
    return redirect("cases:case", number=case.pk)


def _context(request: StaffRequest, filters: queue.Filters) -> dict[str, Any]:
    user, now = request.user, timezone.now()
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    everything = queue.open_cases(user)
    cases = queue.narrow(everything, user=user, filters=filters)
    page = queue.page_of(cases, filters=filters, after=after, before=before)
    waiting = urgencies(everything, now, limit=queue.COUNTED_UP_TO)
    already_counted(request, "cases:queue", waiting.total)
    rows = queue_rows.rows(page.rows)
    if filters.order == queue.Order.DUE:
        asked = waiting
        if not filters.asks_for_all:
            asked = urgencies(cases, now, limit=filters.counted_up_to)
        total, groups = asked.total, _groups(rows, asked, now)
    else:
        total, groups = waiting.total, [Group(rows)] if rows else []
        if not filters.asks_for_all:
            total = count_up_to(cases, filters.counted_up_to)
    return {
        "filters": filters,
        "groups": groups,
        "total": total,
        "open": waiting.total,
        "overdue": waiting.overdue,
        "held": everything.leased_by(user, now).count(),
        "views": _views(everything, filters),
        "orders": queue.Order.choices,
        "may_work": user.has_perm("cases.work_case"),
        "may_bulk": user.has_perm("cases.bulk_work"),
        "now": now,
        "query": filters.to_query(),
        "address": _address(filters, after=after, before=before),
        "pager_at": f"{len(page.rows)} of {total}",
        "clear_url": _address(queue.Filters(view=filters.view, order=filters.order)),
        "previous_url": page.before and _address(filters, before=page.before),
        "next_url": page.after and _address(filters, after=page.after),
    }


def _groups(rows: list[queue_rows.Row], asked: Urgencies, now: datetime) -> list[Group]:
    """Group rows by urgency, each group with how many cases it has on all pages."""
    midnight = next_midnight(now)
    groups = [
        Group(
            [row for row in rows if row.case.due_at < now],
            "fault",
            "fault",
            "Overdue",
            "past the time set by policy or law",
            asked.overdue,
        ),
        Group(
            [row for row in rows if now <= row.case.due_at < midnight],
            "wait",
            "clock",
            "Due today",
            "before 24:00 UTC",
            asked.today,
        ),
        Group(
            [row for row in rows if row.case.due_at >= midnight],
            "quiet",
            "later",
            "Later",
            "nearest first",
            asked.later,
        ),
    ]
    return [group for group in groups if group.rows]


def _views(everything: CaseQuerySet, filters: queue.Filters) -> list[dict[str, object]]:
    second = count_up_to(everything.filter(state=Case.State.PROPOSED), queue.COUNTED_UP_TO)
    return [
        {
            "label": view.label,
            "url": f"{reverse('cases:queue')}?{filters.to_query(view=_unless_all(view))}",
            "is_current": view == filters.view,
            "count": second if view == queue.View.SECOND else None,
        }
        for view in queue.View
    ]


def _unless_all(view: queue.View) -> str:
    return "" if view == queue.View.ALL else view.value


def _address(filters: queue.Filters, **cursor: str) -> str:
    query = filters.to_query(**cursor)
    return f"{reverse('cases:queue')}?{query}" if query else reverse("cases:queue")
