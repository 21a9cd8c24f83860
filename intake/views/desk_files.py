"""Files of a report at the desk. Each is the answer to one POST: no address opens it again."""

import base64
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from intake.attachments import opening
from intake.attachments.kinds import FORMS, Kind
from intake.attachments.opening import OpenedFile
from intake.desk_forms import ReasonForm
from intake.models import Attachment, Report
from intake.views.desk import report_or_404, show

PICTURES = frozenset({Kind.JPEG, Kind.PNG})


@require_POST
@signed_in
@fresh_second_factor()
def open_file(request: StaffRequest, report_id: UUID, file_id: UUID) -> HttpResponse:
    """Show a clean copy on a page, hidden until asked for, or hand it out as a file."""
    shown = report_or_404(request.user, report_id)
    file = _file_or_404(shown, file_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, shown, reason_form=form, status=422)
    reason = form.cleaned_data["reason"]
    opened = opening.open_clean(actor=request.user, file=file, reason=reason)
    if "download" in request.POST or opened.kind == Kind.PDF:
        return _handed_out(opened, "clean-copy", FORMS[opened.kind].media_type)
    context = {"report": shown, "file_id": file_id, "reason": reason}
    if opened.kind in PICTURES:
        coded = base64.b64encode(opened.data).decode("ascii")
        context["picture"] = f"data:{FORMS[opened.kind].media_type};base64,{coded}"
    else:
        context["text"] = opened.data.decode()
    return render(request, "intake/desk/file.html", context)


@require_POST
@signed_in
@fresh_second_factor()
def open_original(request: StaffRequest, report_id: UUID, file_id: UUID) -> HttpResponse:
    """Hand out an original that was kept. No browser is told to show it."""
    shown = report_or_404(request.user, report_id)
    file = _file_or_404(shown, file_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return show(request, shown, reason_form=form, status=422)
    reason = form.cleaned_data["reason"]
    opened = opening.open_original(actor=request.user, file=file, reason=reason)
    return _handed_out(opened, "original", "application/octet-stream")


def _file_or_404(report: Report, file_id: UUID) -> Attachment:
    file = report.attachments.select_related("report").filter(pk=file_id).first()
    if file is None:
        raise Http404
    return file


def _handed_out(opened: OpenedFile, name: str, media_type: str) -> HttpResponse:
    """A file to keep, under a name that tells nothing. Whatever opens it runs in a sandbox."""
    response = HttpResponse(opened.data, content_type=media_type)
    ending = FORMS[opened.kind].extensions[0]
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = f'attachment; filename="{name}{ending}"'
    return response
