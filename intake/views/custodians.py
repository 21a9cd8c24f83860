"""The custodians' pages: their keys, the ceremony for a further one, the requests that wait.

To whoever is no custodian none of these addresses is there. A custodian sees of a report its
day, and never a word of it.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.middleware import note_refusal
from accounts.models import RoleGrant, User
from accounts.refusals import Refusal
from accounts.roles import Role
from accounts.step_up import fresh_second_factor
from accounts.views.access import StaffRequest, signed_in
from accounts.views.form_pages import ask_for_a_reason
from intake.desk_forms import ReasonForm
from intake.models.vault import CustodianKey, IdentityRequest
from intake.vault import ceremony, custodians, requests, roster
from intake.vault.forms import AdmitForm, EnrolForm, PassphraseForm
from intake.vault.refusals import WrongPassphrase

State = CustodianKey.State
CANDIDATES = [State.WAITING, State.JOINING]


@require_safe
@signed_in
def overview(request: StaffRequest) -> HttpResponse:
    """Who holds keys, what waits for two of them, and one's own key."""
    _custodian_or_404(request.user)
    return _overview(request)


@require_POST
@signed_in
@fresh_second_factor()
def enrol(request: StaffRequest) -> HttpResponse:
    _custodian_or_404(request.user)
    form = EnrolForm(request.POST)
    if not form.is_valid():
        return _overview(request, enrol_form=form, status=422)
    key = custodians.enrol(actor=request.user, passphrase=form.cleaned_data["passphrase"])
    said = "is in force" if key.state == State.ACTIVE else "waits for two custodians to reseal"
    messages.success(request, f"Your key {said}. Keep the passphrase where nobody finds it.")
    return redirect("intake:custodians")


@require_POST
@signed_in
@fresh_second_factor()
def begin(request: StaffRequest, key_id: UUID) -> HttpResponse:
    """Agree to admit a newcomer, and name the second who reseals."""
    candidate = _key_or_404(request.user, key_id)
    form = AdmitForm(request.POST, people=_who_could_be_second(request.user, candidate, _keys()))
    if not form.is_valid():
        return _overview(request, refused=(candidate, form), status=422)
    ceremony.begin(actor=request.user, candidate=candidate, second=form.cleaned_data["second"])
    messages.success(request, "The ceremony has begun. Reseal with your passphrase.")
    return redirect("intake:custodians")


@require_POST
@signed_in
@fresh_second_factor()
def reseal(request: StaffRequest, key_id: UUID) -> HttpResponse:
    candidate = _key_or_404(request.user, key_id)
    form = PassphraseForm(request.POST, auto_id=_reseal_id(candidate))
    if not form.is_valid():
        return _overview(request, refused=(candidate, form), status=422)
    try:
        resealed = ceremony.reseal(
            actor=request.user, candidate=candidate, passphrase=form.cleaned_data["passphrase"]
        )
    except WrongPassphrase as refusal:
        _say(request, refusal, form)
        return _overview(request, refused=(candidate, form), status=422)
    messages.success(request, f"{resealed} identities were resealed for {candidate.user.name}.")
    return redirect("intake:custodians")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@fresh_second_factor()
def remove(request: StaffRequest, key_id: UUID) -> HttpResponse:
    """Ask for a reason, then end a key."""
    key = _key_or_404(request.user, key_id)
    return ask_for_a_reason(
        request,
        act=lambda reason: custodians.remove(actor=request.user, key=key, reason=reason),
        done=f"The key of {key.user.name} has ended.",
        there="intake:custodians",
        title=f"Remove the key of {key.user.name}",
        lede="Its shares are deleted, and cannot be brought back. Three custodians stay.",
        button="Remove the key",
    )


@require_safe
@signed_in
def identity_request(request: StaffRequest, request_id: UUID) -> HttpResponse:
    """One request: who asks, why, and what the reporter said."""
    return _request_page(request, _request_or_404(request.user, request_id))


@require_POST
@signed_in
@fresh_second_factor()
def approve(request: StaffRequest, request_id: UUID) -> HttpResponse:
    shown = _request_or_404(request.user, request_id)
    form = PassphraseForm(request.POST)
    if not form.is_valid():
        return _request_page(request, shown, passphrase_form=form, status=422)
    try:
        agreed = requests.approve(
            actor=request.user, request=shown, passphrase=form.cleaned_data["passphrase"]
        )
    except WrongPassphrase as refusal:
        _say(request, refusal, form)
        return _request_page(request, shown, passphrase_form=form, status=422)
    said = "Two have agreed" if agreed.approvals == 2 else "A second custodian has to agree"
    messages.success(request, f"You agreed. {said}.")
    return redirect("intake:custodians")


@require_POST
@signed_in
@fresh_second_factor()
def refuse(request: StaffRequest, request_id: UUID) -> HttpResponse:
    shown = _request_or_404(request.user, request_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _request_page(request, shown, refuse_form=form, status=422)
    requests.refuse(actor=request.user, request=shown, reason=form.cleaned_data["reason"])
    messages.success(request, "The request is refused. Who asked reads your reason in the record.")
    return redirect("intake:custodians")


def _custodian_or_404(user: User) -> None:
    if not user.has_perm(custodians.APPROVE):
        raise Http404


def _key_or_404(user: User, key_id: UUID) -> CustodianKey:
    _custodian_or_404(user)
    keys = CustodianKey.objects.exclude(state=State.ENDED).select_related("user")
    return get_object_or_404(keys, pk=key_id)


def _request_or_404(user: User, request_id: UUID) -> IdentityRequest:
    shown = IdentityRequest.objects.visible_to(user).select_related(
        "report", "requester", "first_approver"
    )
    return get_object_or_404(shown, pk=request_id)


def _say(request: StaffRequest, refusal: Refusal, form: Form) -> None:
    note_refusal(request, refusal)
    form.add_error("passphrase", str(refusal))


def _reseal_id(candidate: CustodianKey) -> str:
    return f"reseal-{candidate.pk}_%s"


def _overview(
    request: StaffRequest,
    *,
    enrol_form: EnrolForm | None = None,
    refused: tuple[CustodianKey, Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    listed = _keys()
    known = {one.key for one in roster.published(Path(settings.INTAKE_PUBLIC_KEYS))}
    wanted = {one.key for one in custodians.sealed_for()}
    # A role may end at any time, and a key only by a custodian: they have to see it.
    holding = set(
        RoleGrant.objects.in_force().filter(role=Role.CUSTODIAN).values_list("user", flat=True)
    )
    context = {
        "keys": [
            (key, key.as_custodian.fingerprint, key.pk in known, key.user_id in holding)
            for key in listed
        ],
        "candidates": [
            _candidate(request.user, key, listed, refused)
            for key in listed
            if key.state in CANDIDATES
        ],
        "in_force": len({key.user_id for key in listed if key.state == State.ACTIVE}),
        "least": roster.LEAST_CUSTODIANS,
        "is_published": known == wanted,
        "own": [key for key in listed if key.user == request.user],
        "may_enrol": not any(
            key.user == request.user and key.state in CANDIDATES for key in listed
        ),
        "enrol_form": enrol_form or EnrolForm(),
        "requests": IdentityRequest.objects.visible_to(request.user)
        .select_related("report", "requester")
        .order_by("requested_at"),
    }
    return render(request, "intake/vault/custodians.html", context, status=status)


def _keys() -> list[CustodianKey]:
    keys = CustodianKey.objects.exclude(state=State.ENDED).select_related(
        "user", "first_resealer", "second_resealer"
    )
    return list(keys.order_by("enrolled_on", "pk"))


def _who_could_be_second(
    user: User, candidate: CustodianKey, keys: list[CustodianKey]
) -> list[User]:
    in_force = {key.user for key in keys if key.state == State.ACTIVE}
    return sorted(in_force - {user, candidate.user}, key=lambda person: person.name)


def _candidate(
    user: User,
    key: CustodianKey,
    keys: list[CustodianKey],
    refused: tuple[CustodianKey, Form] | None,
) -> dict[str, Any]:
    """A newcomer, what is still to be resealed, and the form for this reader, if any.

    One ceremony runs at a time, so what is missing is counted for one.
    """
    missing = ceremony.missing(key) if key.first_resealer_id else None
    forms: dict[str, Form] = {}
    is_running = any(one.first_resealer_id and one.state in CANDIDATES for one in keys)
    if not is_running and key.user != user:
        forms["admit_form"] = AdmitForm(people=_who_could_be_second(user, key, keys))
    elif user.pk in (key.first_resealer_id, key.second_resealer_id):
        forms["reseal_form"] = PassphraseForm(auto_id=_reseal_id(key))
    if refused is not None and refused[0] == key:
        forms["admit_form" if isinstance(refused[1], AdmitForm) else "reseal_form"] = refused[1]
    return {"key": key, "missing": missing, "waits": is_running and missing is None, **forms}


def _request_page(
    request: StaffRequest, shown: IdentityRequest, status: int = 200, **forms: Form
) -> HttpResponse:
    context: dict[str, Any] = {
        "asked": shown,
        "agreed": shown.first_approver == request.user,
        "passphrase_form": PassphraseForm(),
        "refuse_form": ReasonForm(),
    }
    return render(request, "intake/vault/request.html", context | forms, status=status)
