"""Learn who sent a report: one asks with a reason, the reporter may object, two custodians agree.

The requester is the coordinator who holds the report. Each custodian reseals their halves to the
request's one-time key, bound to its id. The words that lock the private half of that key are
shown to the requester once and stored nowhere: the database opens no release, and neither do
the desk's keys.
"""

import json
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.refusals import NotAllowed
from intake import access, envelopes, reading, receipts, terms
from intake.envelopes import NotOpened, Place
from intake.models import Report
from intake.models.vault import TRANSITIONS, Identity, IdentityRequest
from intake.receipts import NotAReceipt, Receipt, Script
from intake.refusals import NotReadable, ReasonMissing, require_reason
from intake.vault import ceremony, custodians, sealing
from intake.vault.giving import WhoSomebodyIs, identity_place
from intake.vault.refusals import CannotApprove, CannotAsk, NotReleased, WrongWords

State = IdentityRequest.State
# A custodian's halves in hexadecimal, by the name of the pair's other key.
Halves = dict[str, str]


@transaction.atomic
def ask(
    *, actor: User, report: Report, reason: str, message: str, emergency_reason: str = ""
) -> tuple[IdentityRequest, Receipt]:
    """Ask who sent a report. Return the request and the words that open its release.

    `reason` is for the custodians and the record, `message` for the reporter's inbox. With
    `emergency_reason` the 24 hours are not waited for; two custodians still agree. The words
    are shown this once.
    Raises `NotYours`, `ReasonMissing` or `CannotAsk`.
    """
    held = access.locked(report)
    access.must_hold(actor, held)
    if not reason.strip() or not message.strip():
        raise ReasonMissing("Give the custodians a reason, and tell the reporter why.")
    if not Identity.objects.filter(report=held).exists():
        raise CannotAsk(
            "Nothing is sealed with this report: the form did not ask then, or it was erased."
        ).about(held)
    _must_be_free(actor, held)
    now = timezone.now()
    words = receipts.issue(Script.WORDS)
    private, public = envelopes.new_key_pair()
    request = IdentityRequest(
        report=held,
        requester=actor,
        reason=reason.strip(),
        emergency_reason=emergency_reason.strip(),
        requested_at=now,
        objections_until=now + timedelta(hours=terms.OBJECTION_HOURS),
        one_time_public=public,
    )
    request.one_time_private = envelopes.seal_bytes(
        sealing.words_key(str(words), request.pk),
        private,
        _place(request, "one_time_private").binding(),
    )
    request.save(force_insert=True)
    reading.reply(actor=actor, report=held, text=message)
    _record(actor, "request_identity", request, reason=reason, is_emergency=request.is_emergency)
    return request, words


@transaction.atomic
def approve(*, actor: User, request: IdentityRequest, passphrase: str) -> IdentityRequest:
    """Agree as a custodian, and reseal one's halves for the requester. The second one releases.

    Raises `NotAllowed`, `WrongPassphrase` or `CannotApprove`.
    """
    locked = _locked(request)
    custodians.must_be_custodian(actor)
    if actor == locked.requester:
        raise NotAllowed("Who asks does not agree.").about(locked.report)
    if locked.state != State.PENDING:
        raise CannotApprove("This request does not wait any more.").about(locked.report)
    if locked.first_approver == actor:
        raise CannotApprove("You have agreed already. Another custodian is needed.").about(
            locked.report
        )
    if locked.waits_for_the_reporter:
        raise CannotApprove("The reporter still has time to object.").about(locked.report)
    if access.holder(locked.report) != locked.requester:
        raise CannotApprove("Who asked does not hold the report any more.").about(locked.report)
    half = _resealed(actor, locked, passphrase)
    if locked.first_approver is None:
        locked.first_approver, locked.first_half = actor, half
    else:
        locked.second_approver, locked.second_half = actor, half
        locked.visible_until = timezone.now() + timedelta(hours=terms.IDENTITY_VISIBLE_HOURS)
        _move(locked, State.RELEASED)
    locked.save(
        update_fields=[
            "state",
            "first_approver",
            "first_half",
            "second_approver",
            "second_half",
            "visible_until",
        ]
    )
    _record(actor, "approve_identity", locked, number=locked.approvals)
    return locked


@transaction.atomic
def refuse(*, actor: User, request: IdentityRequest, reason: str) -> IdentityRequest:
    """Say no as a custodian. One is enough, and what another had resealed is deleted."""
    locked = _locked(request)
    custodians.must_be_custodian(actor)
    if actor == locked.requester:
        raise NotAllowed("You asked for this. Withdraw it instead.").about(locked.report)
    require_reason(reason)
    locked.refused_by = actor
    _end(locked, State.REFUSED)
    _record(actor, "refuse_identity", locked, reason=reason)
    return locked


@transaction.atomic
def withdraw(*, actor: User, request: IdentityRequest) -> IdentityRequest:
    """Take one's own request back, or end what one can see."""
    locked = _locked(request)
    if actor != locked.requester:
        raise NotAllowed("Only who asked can withdraw this.").about(locked.report)
    _end(locked, State.ENDED if locked.state == State.RELEASED else State.WITHDRAWN)
    _record(actor, "withdraw_identity_request", locked)
    return locked


@transaction.atomic
def open_identity(*, actor: User, request: IdentityRequest, words: str) -> WhoSomebodyIs:
    """Show who sent the report, to the requester alone, while the release lasts.

    An anonymous report answers with empty words.
    Raises `NotAllowed`, `NotYours`, `NotReleased`, `WrongWords` or `NotReadable`.
    """
    locked = _locked(request)
    if actor != locked.requester:
        raise NotAllowed("Only who asked sees this.").about(locked.report)
    access.must_hold(actor, locked.report)
    until = locked.visible_until
    if locked.state != State.RELEASED or until is None or until <= timezone.now():
        raise NotReleased("There is nothing to see: not released yet, or the time is over.").about(
            locked.report
        )
    private = _one_time_private(locked, words)
    identity = Identity.objects.get(report=locked.report)
    try:
        one, halves_of_one = _opened_half(locked, "first_half", private)
        other, halves_of_other = _opened_half(locked, "second_half", private)
        key = sealing.joined(
            bytes.fromhex(halves_of_one[other]), bytes.fromhex(halves_of_other[one])
        )
        text = sealing.open_identity(
            key, bytes(identity.content), identity_place(locked.report_id, identity.pk)
        )
    except (NotOpened, KeyError) as error:
        raise NotReadable(
            "What is stored of this release was changed or moved, so it does not open. Tell an "
            "administrator."
        ).about(locked.report) from error
    _record(actor, "read_identity", locked, reason=locked.reason)
    return WhoSomebodyIs(**json.loads(text))


def end_over(request: IdentityRequest) -> None:
    """End a locked request whose time is over, and delete every half of it."""
    _end(request, State.ENDED)


def _must_be_free(actor: User, report: Report) -> None:
    """Raise where the reporter objected or a request waits. One by who left the report ends."""
    asked = IdentityRequest.objects.filter(report=report).select_for_update()
    for request in asked:
        if request.state == State.OBJECTED:
            raise CannotAsk(
                "The reporter objected, and that stands. They can still tell you in a message."
            ).about(report)
        if request.state not in (State.PENDING, State.RELEASED):
            continue
        if request.requester == actor:
            raise CannotAsk("Your request waits or was released already.").about(report)
        _end(request, State.ENDED)


def _resealed(actor: User, request: IdentityRequest, passphrase: str) -> bytes:
    """Open the custodian's halves and seal them for the request's one-time key."""
    unlocked = custodians.unlock(actor, passphrase)
    identity = Identity.objects.filter(report=request.report).first()
    if identity is None:
        raise CannotApprove("The identity was erased in the meantime.").about(request.report)
    try:
        halves = ceremony.halves_of([identity], unlocked)[identity.pk]
    except NotOpened as error:
        raise NotReadable("Your shares of this report were changed or moved.").about(
            request.report
        ) from error
    content = {
        "key": str(unlocked.key.pk),
        "halves": {str(partner): half.hex() for partner, half in halves.items()},
    }
    column = "first_half" if request.first_approver is None else "second_half"
    return envelopes.seal_to(
        bytes(request.one_time_public),
        json.dumps(content).encode(),
        _place(request, column).binding(),
    )


def _one_time_private(request: IdentityRequest, words: str) -> bytes:
    try:
        key = sealing.words_key(str(receipts.parse(words)), request.pk)
        sealed = bytes(request.one_time_private or b"")
        return envelopes.open_bytes(key, sealed, _place(request, "one_time_private").binding())
    except (NotAReceipt, NotOpened) as error:
        raise WrongWords(
            "These words do not open it. Nobody can show them again: withdraw the request, and "
            "ask anew."
        ).about(request.report) from error


def _opened_half(request: IdentityRequest, column: str, private: bytes) -> tuple[str, Halves]:
    """Return the name of a custodian's key, and their halves by the pair's other key."""
    sealed = bytes(getattr(request, column))
    half = json.loads(envelopes.open_with(private, sealed, _place(request, column).binding()))
    return half["key"], half["halves"]


def _locked(request: IdentityRequest) -> IdentityRequest:
    """Lock report and request, in this order as everywhere, and return it as it is now."""
    access.locked(request.report)
    return (
        IdentityRequest.objects.select_for_update(of=("self",))
        .select_related("report", "requester", "first_approver")
        .get(pk=request.pk)
    )


def _move(request: IdentityRequest, state: IdentityRequest.State) -> None:
    if state not in TRANSITIONS[State(request.state)]:
        raise CannotApprove(f"This request is over: {request.get_state_display().lower()}.").about(
            request.report
        )
    request.state = state


def _end(request: IdentityRequest, state: IdentityRequest.State) -> None:
    _move(request, state)
    request.first_half = request.second_half = request.one_time_private = None
    request.save(
        update_fields=["state", "refused_by", "first_half", "second_half", "one_time_private"]
    )


def _place(request: IdentityRequest, column: str) -> Place:
    return Place("intake_identityrequest", column, request.report_id, request.pk)


def _record(
    actor: User, verb: str, request: IdentityRequest, reason: str = "", **more: object
) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        target=request.report,
        changes={"request": str(request.pk), **more},
        reason=reason,
    )
