"""Pages that are one form: what was refused is shown in it with 422, and what was typed stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accounts.forms import ReasonForm
from accounts.middleware import note_refusal
from accounts.refusals import Refusal
from accounts.views.access import StaffRequest


@contextmanager
def refusals_shown_in(form: forms.Form, request: StaffRequest) -> Iterator[None]:
    """Note a refusal, and say it above the fields of the form."""
    try:
        yield
    except Refusal as refusal:
        note_refusal(request, refusal)
        form.add_error(None, str(refusal))


def form_page(
    request: StaffRequest, form: forms.Form, *, title: str, lede: str, button: str
) -> HttpResponse:
    """Show the form. One that was sent and comes back was refused."""
    context = {"form": form, "title": title, "lede": lede, "button": button}
    return render(request, "accounts/form.html", context, status=422 if form.is_bound else 200)


def ask_for_a_reason(
    request: StaffRequest,
    *,
    act: Callable[[str], object],
    done: str,
    there: str,
    title: str,
    lede: str,
    button: str,
) -> HttpResponse:
    """Ask why, then `act` with the reason, say that it is `done`, and go `there`."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_shown_in(form, request):
            act(form.cleaned_data["reason"])
            messages.success(request, done)
            return redirect(there)
    return form_page(request, form, title=title, lede=lede, button=button)
