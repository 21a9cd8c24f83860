"""The report, one question a page, at one address: a browser's history tells no story.

The step is kept in the session. What was typed is kept going forward and going back.
"""

import json
from typing import Any, cast

from django import forms as django_forms
from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from intake import epochs, limits, partners, promises, proofs, receipts, terms
from intake.attachments import arrivals, store
from intake.attachments.arriving import NotTaken, Problem
from intake.forms import QUESTIONS, SendForm, TypedBackForm
from intake.limits import Tried
from intake.middleware import ZoneRequest
from intake.submission import Answers, submit
from intake.vault import roster
from intake.vault.giving import WhoSomebodyIs
from intake.views import files

FIRST = next(iter(QUESTIONS))
FILES = "files"
RECEIPT, DONE = "receipt", "done"


@require_safe
def start(request: ZoneRequest) -> HttpResponse:
    """Promises and limits first."""
    return render(request, "intake/start.html")


@require_safe
def about(request: ZoneRequest) -> HttpResponse:
    """How to visit more safely."""
    return render(request, "intake/about.html", {"survives": promises.inbox_survives()})


@require_safe
def leave(request: ZoneRequest) -> HttpResponse:
    """End the session, have the browser forget this site, and go elsewhere."""
    folder = arrivals.folder_of(request.visit)
    stored = arrivals.stored_names(folder) if folder else []
    request.visit.end()
    store.destroy(stored)
    response = HttpResponseRedirect(terms.EXIT_URL)
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: ZoneRequest) -> HttpResponse:
    """Ask the question the reporter is at, and take its answer."""
    if request.method != "POST":
        return _page(request, request.visit.content.get("step", FIRST))
    asked = request.POST.get("step", "")
    at = request.visit.content.get("step")
    if at in (RECEIPT, DONE) or asked == RECEIPT:
        # A page from before the report was sent answers nothing any more.
        return _confirm_receipt(request) if at == asked == RECEIPT else redirect("form")
    if asked in _questions():
        return _take_answer(request, asked)
    if asked == FILES:
        return _take_file(request)
    if asked == "check" and "challenge" in request.visit.content:
        return _send(request)
    if asked == "check":
        request.visit.content = {"step": FIRST, "notice": "expired"}
    return redirect("form")


def _take_answer(request: ZoneRequest, asked: str) -> HttpResponse:
    goes_back = "back" in request.POST
    question = QUESTIONS[asked](request.POST)
    if not question.is_valid() and not goes_back:
        return _page(request, asked, question, status=422)
    content = request.visit.content
    expired = "draft" not in content and asked != FIRST
    draft = content.setdefault("draft", {})
    # Going back keeps what is usable of an unfinished answer.
    draft.update({name: question.cleaned_data[name] for name in question.cleaned_data})
    if expired:
        content["step"] = FIRST
        content["notice"] = "expired"
    else:
        content["step"] = _neighbour(asked, -1 if goes_back else 1)
    if content["step"] == "check":
        content["challenge"] = proofs.new_challenge().as_dict()
    return redirect("form")


def _take_file(request: ZoneRequest) -> HttpResponse:
    """Add a file, whichever button it came with, then stay, go on or go back."""
    content = request.visit.content
    if "draft" not in content or "files" not in content:
        content |= {"step": FIRST, "notice": "expired"}
        return redirect("form")
    try:
        files.taken(request)
    except NotTaken as refused:
        return _page(request, FILES, problem=refused.problem, status=422)
    if "remove" in request.POST:
        files.remove(request, request.POST["remove"])
    elif "add" not in request.POST:
        content["step"] = _neighbour(FILES, -1 if "back" in request.POST else 1)
    return redirect("form")


def _send(request: ZoneRequest) -> HttpResponse:
    content = request.visit.content
    if "back" in request.POST:
        content["step"] = _neighbour("check", -1)
        return redirect("form")
    unanswered = _first_unanswered(content["draft"])
    if unanswered:
        content["step"] = unanswered
        return redirect("form")
    sent = SendForm(request.POST)
    challenge = proofs.Challenge(**content["challenge"])
    if not sent.is_valid():
        return _page(request, "check", sent, status=422)
    if not challenge.solved_by(
        answer=sent.cleaned_data["answer"], payload=sent.cleaned_data["proof"]
    ):
        content["challenge"] = proofs.new_challenge().as_dict()
        sent.add_error("answer", _("That is not the sum. Here is another one."))
        return _page(request, "check", sent, status=422)
    if not limits.count(Tried.REPORT):
        sent.add_error(
            None,
            _("Very many reports arrive at the moment. Your answers stay here. Try again soon."),
        )
        return _page(request, "check", sent, status=429)
    try:
        receipt = submit(
            answers=_answers(content["draft"]),
            script=receipts.Script(sent.cleaned_data["script"]),
            challenge=challenge,
            partner_code=sent.cleaned_data["code"],
            files=arrivals.folder_of(request.visit),
        )
    except partners.UnknownCode:
        sent.add_error("code", _("This code is not valid or was used. Correct it or empty it."))
        return _page(request, "check", sent, status=422)
    except proofs.AlreadySpent:
        # The same form, sent twice at once. The other answer carries the receipt.
        request.visit.keep_as_it_is = True
        return redirect("form")
    except (epochs.NoEpoch, roster.NoCustodians):
        sent.add_error(None, _("Reports cannot be sealed at the moment. Nothing was sent."))
        return _page(request, "check", sent, status=503)
    request.visit.content = {
        "step": RECEIPT,
        "receipt": str(receipt),
        "positions": receipts.positions_to_ask(),
    }
    return redirect("form")


def _confirm_receipt(request: ZoneRequest) -> HttpResponse:
    content = request.visit.content
    positions = tuple(content["positions"])
    typed = TypedBackForm(request.POST, positions=positions)
    receipt = receipts.parse(content["receipt"])
    if not typed.is_valid():
        return _page(request, RECEIPT, typed, status=422)
    answers = {position: typed.cleaned_data[f"part_{position}"] for position in positions}
    if not receipts.typed_back(receipt, answers):
        typed.add_error(None, _("That is not what your receipt says. Compare the two."))
        return _page(request, RECEIPT, typed, status=422)
    request.visit.content = {"step": DONE}
    return redirect("form")


def _page(
    request: ZoneRequest,
    step: str,
    shown: django_forms.Form | None = None,
    status: int = 200,
    problem: Problem | None = None,
) -> HttpResponse:
    content = request.visit.content
    context: dict[str, Any] = {"step": step, "notice": content.pop("notice", "")}
    steps = _steps()
    if step in steps:
        context |= {"number": steps.index(step) + 1, "of": len(steps)}
    if step in QUESTIONS:
        context["form"] = shown or QUESTIONS[step](initial=content.get("draft", {}))
        if step == "identity":
            context["identity_terms"] = promises.identity_terms()
    elif step == FILES:
        context |= files.question(request, problem)
    elif step == "check":
        challenge = proofs.Challenge(**content["challenge"])
        context |= {
            "form": shown or SendForm(),
            "answers": _shown_answers(content["draft"]),
            "files": files.added(request),
            "challenge": challenge,
            "altcha": json.dumps(challenge.altcha),
        }
    elif step == RECEIPT:
        receipt = receipts.parse(content["receipt"])
        context |= {
            "form": shown or TypedBackForm(positions=tuple(content["positions"])),
            "receipt": receipt,
            "survives": promises.inbox_survives(),
        }
    elif step == DONE:
        context["survives"] = promises.inbox_survives()
        request.visit.end()
    return render(request, f"intake/form/{step}.html", context, status=status)


def _questions() -> dict[str, type[django_forms.Form]]:
    """The questions of now. Who somebody is is asked only where custodians can be sealed for."""
    if roster.published(settings.INTAKE_PUBLIC_KEYS):
        return QUESTIONS
    return {step: question for step, question in QUESTIONS.items() if step != "identity"}


def _steps() -> list[str]:
    steps = [*_questions(), "check"]
    steps.insert(steps.index("languages"), FILES)
    return steps


def _neighbour(step: str, distance: int) -> str:
    steps = _steps()
    place = min(max(steps.index(step) + distance, 0), len(steps) - 1)
    return steps[place]


def _first_unanswered(draft: dict[str, Any]) -> str | None:
    for step, question in _questions().items():
        if not question(draft).is_valid():
            return step
    return None


def _shown_answers(draft: dict[str, Any]) -> list[tuple[str, str]]:
    """Each question's label with its answer in the words the reporter chose."""
    shown = []
    for question in _questions().values():
        for name, field in question.base_fields.items():
            value = draft.get(name) or ""
            if isinstance(field, django_forms.ChoiceField):
                chosen = value if isinstance(value, list) else [value]
                labels = dict(cast("list[tuple[str, Any]]", field.choices))
                value = ", ".join(str(labels[key]) for key in chosen if key in labels)
            shown.append((str(field.label), value))
    return shown


def _answers(draft: dict[str, Any]) -> Answers:
    return Answers(
        accounts=draft["accounts"],
        why=draft["why"],
        person=draft.get("person", ""),
        narrative=draft["narrative"],
        languages=tuple(draft.get("languages", ())),
        identity=WhoSomebodyIs(
            name=draft.get("name", ""),
            contact=draft.get("contact", ""),
            account=draft.get("account", ""),
        ),
    )
