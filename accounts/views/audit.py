"""The record, as auditors read it."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import audit as trail
from accounts import record as reading
from accounts.forms import RecordFilterForm
from accounts.models import AuditSeal
from accounts.record import Filters
from accounts.views.access import StaffRequest, allowed
from accounts.views.csv_lines import Echo, safe_cell


def _filters(request: StaffRequest) -> tuple[RecordFilterForm, Filters]:
    form = RecordFilterForm(request.GET)
    return form, Filters(**form.cleaned_data) if form.is_valid() else Filters()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@require_GET
@allowed("accounts.view_audit")
def record(request: StaffRequest) -> HttpResponse:
    """Show a page of events, newest first."""
    form, filters = _filters(request)
    page = reading.page(
        filters,
        before=_number(request.GET.get("before", "")),
        after=_number(request.GET.get("after", "")),
    )
    kept = {name: value for name, value in asdict(filters).items() if value}
    context = {
        "form": form,
        "page": page,
        "kept": urlencode(kept),
        "filtered": bool(kept),
        "newer_url": f"?{urlencode({**kept, 'after': page.newer})}" if page.newer else "",
        "older_url": f"?{urlencode({**kept, 'before': page.older})}" if page.older else "",
        "last_seal": AuditSeal.objects.order_by("-number").first(),
    }
    return render(request, "accounts/record.html", context)


@require_GET
@allowed("accounts.view_audit")
def export(request: StaffRequest) -> HttpResponseBase:
    """Stream every matching event as JSON lines or CSV. The export is an event itself."""
    _, filters = _filters(request)
    kept = {name: str(value) for name, value in asdict(filters).items() if value}
    trail.record(
        actor=request.user, verb="export_record", target=request.user, changes={"filters": kept}
    )
    if request.GET.get("format") == "csv":
        return _download(_csv_lines(filters), "text/csv; charset=utf-8", "record.csv")
    return _download(_json_lines(filters), "application/x-ndjson", "record.jsonl")


def _download(lines: Iterator[str], content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        lines,
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _json_lines(filters: Filters) -> Iterator[str]:
    for event in reading.facts(filters):
        yield json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n"


def _csv_lines(filters: Filters) -> Iterator[str]:
    writer = csv.writer(Echo())
    for place, event in enumerate(reading.facts(filters)):
        if place == 0:
            yield writer.writerow(list(event))
        event["about"] = " ".join(event["about"])
        event["changes"] = json.dumps(event["changes"], ensure_ascii=False, sort_keys=True)
        yield writer.writerow([safe_cell(str(value)) for value in event.values()])
