"""Leave a word for the next reviewer."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.views.access import StaffRequest, signed_in
from cases import notes
from cases.views.access import get_case_or_404


@require_POST
@signed_in
def add_note(request: StaffRequest, number: int) -> HttpResponse:
    case = get_case_or_404(request.user, number)
    notes.add_note(actor=request.user, case=case, text=request.POST.get("text", ""))
    if not request.htmx:
        return redirect(f"{reverse('cases:case', args=[case.pk])}#notes")
    written = case.notes.select_related("author")
    context = {"case": case, "notes": written, "said": "Note added."}
    return render(request, "cases/case/notes.html", context)
