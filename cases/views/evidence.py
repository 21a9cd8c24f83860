"""Open one piece of evidence. Each look is an entry in its custody."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from accounts.views.access import StaffRequest, signed_in
from cases import evidence
from cases.models import Evidence
from cases.views.access import get_case_or_404


@require_GET
@signed_in
def view_evidence(request: StaffRequest, number: int, evidence_id: int) -> HttpResponse:
    """Send the bytes as plain text to be saved: nothing in them is run or rendered."""
    case = get_case_or_404(request.user, number)
    kept = get_object_or_404(Evidence.objects.select_related("case"), pk=evidence_id, case=case)
    content = evidence.view(actor=request.user, evidence=kept)
    return HttpResponse(
        content,
        content_type="text/plain; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{case.label}-evidence-{kept.pk}.txt"',
            "X-Content-Type-Options": "nosniff",
        },
    )
