"""The queue page, and where somebody lands who opens the desk."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
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
from cases.facets import facets
from cases.keyset import Count, Page, count_up_to
from cases.models import Case
from cases.models.cases import CaseQuerySet
from cases.navigation import first_page

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


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
    cursor = {name: request.GET.get(name, "") for name in ("after", "before")}
    page = queue.page(
        user=request.user, filters=filters, after=cursor["after"], before=cursor["before"]
    )
    context = _context(request, filters, cursor, page)
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


def _context(
    request: StaffRequest, filters: queue.Filters, cursor: dict[str, str], page: Page[Case]
) -> dict[str, Any]:
    user, now = request.user, timezone.now()
    everything = queue.open_cases(user)
    overdue, today, later = _urgencies(everything, now)
    groups, total = _groups(request, filters, page, now)
    return {
        "filters": filters,
        "groups": groups,
        "total": total,
        "open": overdue + today + later,
        "overdue": overdue,
        "held": everything.leased_by(user, now).count(),
        "views": _views(everything, filters),
        "orders": queue.Order.choices,
        "may_work": user.has_perm("cases.work_case"),
        "may_bulk": user.has_perm("cases.bulk_work"),
        "now": now,
        "query": filters.to_query(),
        "address": _address(filters, **cursor),
        "pager_at": f"{len(page.rows)} of {total}",
        "clear_url": _address(queue.Filters(view=filters.view, order=filters.order)),
        "previous_url": page.before and _address(filters, before=page.before),
        "next_url": page.after and _address(filters, after=page.after),
    }


def _groups(
    request: StaffRequest, filters: queue.Filters, page: Page[Case], now: datetime
) -> tuple[list[Group], Count]:
    """Group by urgency where that is the order; count what is asked for either way."""
    rows = queue_rows.rows(page.rows)
    cases = queue.select(user=request.user, filters=filters)
    if filters.order != queue.Order.DUE:
        total = count_up_to(cases, queue.COUNTED_UP_TO)
        return ([Group(rows)] if rows else []), total
    midnight = _next_midnight(now)
    overdue, today, later = _urgencies(cases, now)
    groups = [
        Group(
            [row for row in rows if row.case.due_at < now],
            "fault",
            "fault",
            "Overdue",
            "past the time set by policy or law",
            overdue,
        ),
        Group(
            [row for row in rows if now <= row.case.due_at < midnight],
            "wait",
            "clock",
            "Due today",
            "before 24:00 UTC",
            today,
        ),
        Group(
            [row for row in rows if row.case.due_at >= midnight],
            "quiet",
            "later",
            "Later",
            "nearest first",
            later,
        ),
    ]
    return [group for group in groups if group.rows], overdue + today + later


def _next_midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _urgencies(cases: CaseQuerySet, now: datetime) -> tuple[Count, ...]:
    """Count overdue, due today and later in one query, in the order of the due times.

    Where the counting stops, that group and the ones after it may hold more.
    """
    dues = list(
        queue.KEYS[queue.Order.DUE]
        .order(cases)
        .values_list("due_at", flat=True)[: queue.COUNTED_UP_TO + 1]
    )
    counted = dues[: queue.COUNTED_UP_TO]
    stopped_at = counted[-1] if len(dues) > len(counted) else None
    return tuple(
        Count(
            sum(begins <= due < ends for due in counted),
            stopped_at is not None and stopped_at < ends,
        )
        for begins, ends in pairwise((EARLIEST, now, _next_midnight(now), LATEST))
    )


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
