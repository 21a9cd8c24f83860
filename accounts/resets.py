"""A lost second factor: two administrators take it away, and the person enrols a new one.

Whoever resets a second factor could hand the account over. So one administrator asks and another
agrees; the person's sessions end; and the link that follows opens nothing by itself: the person
still signs in as before, and whoever has the password but not the link stays outside.
"""

from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import transaction
from django.utils import timezone

from accounts import audit, links
from accounts.actors import COMMAND_LINE, Actor, Service
from accounts.models import DeskSession, SecondFactorReset, User
from accounts.refusals import NotAllowed, Refusal

State = SecondFactorReset.State

LINK_LASTS = timedelta(hours=24)
PURPOSE = "accounts.reset"
MANAGE = "accounts.manage_people"


class ResetRefused(Refusal):
    """A reset that is not needed, was decided before, or whose link opens nothing."""

    code = "reset_refused"


@transaction.atomic
def ask(*, actor: Actor, user: User, reason: str) -> SecondFactorReset:
    """Ask that a person's second factor be taken away. Nothing changes yet."""
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    _may_manage(actor)
    if actor == locked:
        raise NotAllowed("Nobody resets their own second factor here. Ask another administrator.")
    if not locked.is_active:
        raise ResetRefused("This account is closed. Invite the person again.")
    if locked.factor_resets.filter(state=State.PENDING).exists():
        raise ResetRefused("A reset waits for a second person already.")
    waits = locked.factor_resets.filter(state=State.APPROVED).exists()
    if not waits and not Authenticator.objects.filter(user=locked).exists():
        raise ResetRefused(f"{locked} has no second factor. They add one when they sign in.")
    reset = SecondFactorReset.objects.create(
        user=locked, reason=reason, asked_by=None if isinstance(actor, Service) else actor
    )
    audit.record(
        actor=actor, verb="ask_for_factor_reset", target=reset, about=[locked], reason=reason
    )
    return reset


@transaction.atomic
def approve(*, actor: User, reset: SecondFactorReset) -> tuple[SecondFactorReset, str]:
    """Agree as the second administrator. Returns the token of the link, which is shown once.

    Every second factor, recovery code and session of the person ends.
    """
    locked = _locked(reset)
    _may_manage(actor)
    if actor == locked.asked_by:
        raise NotAllowed("You asked for this. Someone else must agree.").about(locked)
    if actor == locked.user:
        raise NotAllowed("This account is yours. Someone else must agree.").about(locked)
    return _take_away(locked, actor=actor)


@transaction.atomic
def refuse(*, actor: User, reset: SecondFactorReset, reason: str) -> SecondFactorReset:
    """Say no. The second factor stays as it is."""
    locked = _locked(reset)
    _may_manage(actor)
    if actor == locked.asked_by:
        raise NotAllowed("You asked for this. Withdraw it instead.").about(locked)
    _move(locked, State.REFUSED, actor=actor, reason=reason)
    return locked


@transaction.atomic
def withdraw(*, actor: User, reset: SecondFactorReset) -> SecondFactorReset:
    """Take back one's own request while it waits."""
    locked = _locked(reset)
    if actor != locked.asked_by:
        raise NotAllowed("Only who asked can withdraw this.").about(locked)
    if locked.state != State.PENDING:
        raise ResetRefused(f"This was decided: {locked.get_state_display().lower()}.").about(locked)
    _move(locked, State.WITHDRAWN, actor=actor)
    return locked


@transaction.atomic
def reset_on_the_command_line(*, user: User, reason: str) -> tuple[SecondFactorReset, str]:
    """Do both steps as the operator, for a desk whose administrators cannot be two any more."""
    return _take_away(
        _locked(ask(actor=COMMAND_LINE, user=user, reason=reason)), actor=COMMAND_LINE
    )


def withdraw_all(*, actor: Actor, user: User) -> None:
    """End what is open for a person who leaves, inside the transaction of the departure."""
    for reset in user.factor_resets.filter(state__in=[State.PENDING, State.APPROVED]):
        _move(_locked(reset), State.WITHDRAWN, actor=actor)


def reset_of(token: str) -> SecondFactorReset:
    """Return the reset of a link that still counts, or refuse with what to do."""
    try:
        digest = links.digest_of(token, PURPOSE)
    except signing.BadSignature as error:
        raise ResetRefused("This link is damaged. Copy it again, whole.") from error
    reset = SecondFactorReset.objects.select_related("user").filter(digest=digest).first()
    if reset is None or reset.state == State.WITHDRAWN:
        raise ResetRefused("This link no longer works. Ask an administrator for a new one.")
    if reset.state == State.DONE:
        raise ResetRefused("This link was used already. Sign in with your new second factor.")
    if reset.expires_at is None or reset.expires_at <= timezone.now():
        raise ResetRefused("This link has expired. Ask an administrator for a new one.")
    return reset


def keeps_out(user: User, shown: int | None) -> bool:
    """Tell whether a sign-in to this account has to come by a link, and did not.

    `shown` is the reset whose link this browser showed.
    """
    reset = user.factor_resets.filter(state=State.APPROVED).first()
    if reset is None:
        return False
    assert reset.expires_at is not None  # noqa: S101  a CHECK says so
    return reset.pk != shown or reset.expires_at <= timezone.now()


@transaction.atomic
def complete(*, user: User) -> None:
    """The person has a second factor again: the link is used up."""
    for reset in user.factor_resets.filter(state=State.APPROVED):
        _move(_locked(reset), State.DONE, actor=user)


def _take_away(reset: SecondFactorReset, *, actor: Actor) -> tuple[SecondFactorReset, str]:
    user = User.objects.select_for_update(no_key=True).get(pk=reset.user_id)
    for earlier in user.factor_resets.filter(state=State.APPROVED):
        _move(_locked(earlier), State.WITHDRAWN, actor=actor)
    token, reset.digest = links.make(PURPOSE)
    reset.expires_at = timezone.now() + LINK_LASTS
    factors, _ = Authenticator.objects.filter(user=user).delete()
    sessions, _ = DeskSession.objects.filter(user=user).delete()
    _move(reset, State.APPROVED, actor=actor, changes={"factors": factors, "sessions": sessions})
    return reset, token


def _move(
    reset: SecondFactorReset,
    state: State,
    *,
    actor: Actor,
    reason: str = "",
    changes: dict[str, int] | None = None,
) -> None:
    if state not in SecondFactorReset.TRANSITIONS[reset.state]:
        raise ResetRefused(f"This was decided: {reset.get_state_display().lower()}.").about(reset)
    before, reset.state = reset.state, state
    if before == State.PENDING:
        reset.decided_by = None if isinstance(actor, Service) else actor
        reset.decided_at = timezone.now()
        reset.decision_reason = reason
    reset.save()
    audit.record(
        actor=actor,
        verb=f"factor_reset_{state}",
        target=reset,
        about=[reset.user],
        changes={"state": [before, state], **(changes or {})},
        reason=reason,
    )


def _locked(reset: SecondFactorReset) -> SecondFactorReset:
    return (
        SecondFactorReset.objects.select_related("user", "asked_by")
        .select_for_update(of=("self",))
        .get(pk=reset.pk)
    )


def _may_manage(actor: Actor) -> None:
    if not isinstance(actor, Service) and not actor.has_perm(MANAGE):
        raise NotAllowed("Only administrators reset a second factor.")
