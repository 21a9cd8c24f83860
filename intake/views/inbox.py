"""The inbox at one address: a receipt opens it, and it closes after 20 minutes or on leaving."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from intake import inbox as inboxes
from intake import limits, proofs, terms
from intake.attachments.arriving import NotTaken, Problem
from intake.forms import MessageForm, ReceiptForm
from intake.inbox import NothingThere, OpenInbox
from intake.limits import Tried
from intake.middleware import ZoneRequest
from intake.receipts import NotAReceipt
from intake.vault import notices
from intake.views import files


@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: ZoneRequest) -> HttpResponse:
    """Ask for a receipt, or show what it opened."""
    opened = inboxes.opened_by(request.visit)
    if opened is None:
        return _enter(request) if request.method == "POST" else _ask(request)
    try:
        if request.method == "POST":
            return _act(request, opened)
        return _show(request, opened)
    except NothingThere:
        request.visit.end()
        return _ask(request, _refused(ReceiptForm({"receipt": ""})), status=422)


def _enter(request: ZoneRequest) -> HttpResponse:
    typed = ReceiptForm(request.POST)
    if not _question_answered(request, typed):
        return _ask(request, typed, status=422)
    limits.count(Tried.RECEIPT)
    try:
        if not typed.is_valid():
            raise NotAReceipt
        opened = inboxes.open_with(typed.typed_receipt())
    except (NotAReceipt, NothingThere):
        return _ask(request, _refused(typed), status=422)
    # A fresh cookie: an inbox is never opened under one that was there before. A report that
    # is being written goes on under it.
    inboxes.hold_open(request.visit, opened)
    return redirect("inbox")


def _act(request: ZoneRequest, opened: OpenInbox) -> HttpResponse:
    act = request.POST.get("act")
    if act == "delete":
        if request.POST.get("sure") != "yes":
            return _show(request, opened, delete_asked=True)
        inboxes.delete(opened)
        request.visit.end()
        return render(request, "intake/deleted.html")
    if act in notices.ANSWERS:
        notices.answer(opened, notices.ANSWERS[act], to=request.POST.get("request", ""))
        return redirect("inbox")
    if act == "write":
        written = MessageForm(request.POST)
        try:
            with_file = files.taken(request)
        except NotTaken as refused:
            return _show(request, opened, written, problem=refused.problem, status=422)
        if with_file and not request.POST.get("text", "").strip():
            return redirect("inbox")
        if not written.is_valid():
            return _show(request, opened, written, status=422)
        if len(inboxes.read(opened).lines) >= terms.MOST_MESSAGES:
            written.add_error("text", _("This inbox is full. Start a new report instead."))
            return _show(request, opened, written, status=422)
        inboxes.write(opened, written.cleaned_data["text"])
        return redirect("inbox")
    request.visit.end()
    return redirect("inbox")


def _show(
    request: ZoneRequest,
    opened: OpenInbox,
    written: MessageForm | None = None,
    *,
    delete_asked: bool = False,
    problem: Problem | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "contents": inboxes.read(opened),
        "form": written or MessageForm(),
        "delete_asked": delete_asked,
        "files": files.sent(opened),
        "notice": notices.latest(opened),
    } | files.upload_field(problem)
    return render(request, "intake/inbox.html", context, status=status)


def _ask(request: ZoneRequest, typed: ReceiptForm | None = None, status: int = 200) -> HttpResponse:
    context: dict[str, object] = {"form": typed or ReceiptForm()}
    if limits.passed(Tried.RECEIPT):
        challenge = proofs.new_challenge()
        request.visit.content["receipt_question"] = challenge.as_dict()
        context["challenge"] = challenge
    return render(request, "intake/enter.html", context, status=status)


def _question_answered(request: ZoneRequest, typed: ReceiptForm) -> bool:
    """Where very many receipts were tried, each one costs a solved sum that counts once."""
    if not limits.passed(Tried.RECEIPT):
        return True
    drawn = request.visit.content.pop("receipt_question", None)
    if drawn and typed.is_valid():
        challenge = proofs.Challenge(**drawn)
        try:
            if challenge.solved_by(answer=typed.cleaned_data["answer"], payload=""):
                proofs.spend(challenge)
                return True
        except proofs.AlreadySpent:
            pass
    if typed.is_valid():
        typed.add_error("answer", _("Answer the question too, please."))
    return False


def _refused(typed: ReceiptForm) -> ReceiptForm:
    """One answer for a wrong, an expired and a deleted receipt."""
    refused = ReceiptForm({"receipt": typed.data.get("receipt", "")})
    refused.full_clean()
    refused.errors.clear()
    refused.add_error(
        None,
        _(
            "This receipt opens nothing. It may be mistyped, or its report may have been deleted "
            "or have expired."
        ),
    )
    return refused
