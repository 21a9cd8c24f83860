"""The sanctions lists: what was downloaded, what was refused, and what each version changed."""

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.views.access import StaffRequest, signed_in
from cases import writes
from cases.keyset import Key
from cases.list_changes import field_changes
from sanctions.models import DesignationVersion, ListVersion, Source

KEY = Key(("id",))
VERSIONS_SHOWN = 8


@require_GET
@signed_in
def source_list(request: StaffRequest) -> HttpResponse:
    """Show each list with the version in force and its newest downloads, refused ones included."""
    writes.require(request.user, "sanctions.view_list")
    newest = ListVersion.objects.order_by("-number")[:VERSIONS_SHOWN]
    sources = Source.objects.order_by("name").prefetch_related(
        Prefetch("versions", newest, to_attr="newest_versions")
    )
    in_force = {
        version.source_id: version
        for version in ListVersion.objects.accepted()
        .order_by("source_id", "-number")
        .distinct("source_id")
    }
    rows = []
    for source in sources:
        versions: list[ListVersion] = source.newest_versions
        current = in_force.get(source.pk)
        refused = versions[0] if versions and versions[0] != current else None
        rows.append(
            {"source": source, "versions": versions, "current": current, "refused": refused}
        )
    return render(request, "cases/lists.html", {"rows": rows})


@require_GET
@signed_in
def show_list(request: StaffRequest, slug: str, number: int) -> HttpResponse:
    """Show what one list version added, changed and delisted, field by field."""
    writes.require(request.user, "sanctions.view_list")
    version = get_object_or_404(
        ListVersion.objects.select_related("source"), source__slug=slug, number=number
    )
    change = request.GET.get("change", "")
    if change not in DesignationVersion.Change.values:
        change = ""
    entries = version.designation_versions.select_related("designation").defer("content")
    page = KEY.page(
        entries.filter(change=change) if change else entries.all(),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    here = reverse("cases:list", args=[slug, number])
    base = f"{here}?{f'change={change}&' if change else ''}"
    numbers = {
        "": version.added + version.changed + version.delisted,
        DesignationVersion.Change.ADDED: version.added,
        DesignationVersion.Change.CHANGED: version.changed,
        DesignationVersion.Change.DELISTED: version.delisted,
    }
    labels = {"": "Every change", **dict(DesignationVersion.Change.choices)}
    context = {
        "version": version,
        "rows": [(entry, field_changes(entry.diff)) for entry in page.rows],
        "views": [
            {
                "label": label,
                "url": f"{here}?change={value}" if value else here,
                "is_current": value == change,
                "count": numbers[value],
            }
            for value, label in labels.items()
        ],
        "previous_url": page.before and f"{base}before={page.before}",
        "next_url": page.after and f"{base}after={page.after}",
    }
    return render(request, "cases/list.html", context)
