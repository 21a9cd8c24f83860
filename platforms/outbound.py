"""Stop and resume what goes out to platforms. One person, or a guard, stops; two people resume."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import NotAllowed, Refusal
from platforms.models import OutboundPause, Platform


class AlreadyPaused(Refusal):
    """A pause for the same platform, or for all of them, is in force."""

    code = "already_paused"


class NotPaused(Refusal):
    """The pause is over."""

    code = "not_paused"


class SecondPersonNeeded(Refusal):
    """Who asked to resume cannot agree to it as well."""

    code = "second_person_needed"


def pauses_for(platform: Platform) -> QuerySet[OutboundPause]:
    """The pauses in force that stop this platform: its own, and one for every platform."""
    return OutboundPause.objects.in_force().filter(Q(platform=platform) | Q(platform=None))


@transaction.atomic
def pause_outbound(*, actor: Actor, platform: Platform | None, reason: str) -> OutboundPause:
    """Send nothing more to the platform, or to any. Raises `NotAllowed` or `AlreadyPaused`."""
    person = actor if isinstance(actor, User) else None
    if person is not None and not person.has_perm("platforms.pause_outbound"):
        raise NotAllowed("Pausing takes a senior reviewer or an administrator.")
    try:
        with transaction.atomic():
            pause = OutboundPause.objects.create(platform=platform, reason=reason, paused_by=person)
    except IntegrityError as error:
        raise AlreadyPaused(f"{platform or 'Every platform'} is paused already.") from error
    audit.record(
        actor=actor,
        verb="outbound.paused",
        target=pause,
        about=[platform] if platform else [],
        reason=reason,
    )
    return pause


@transaction.atomic
def ask_to_resume(*, actor: User, pause: OutboundPause) -> OutboundPause:
    """Ask for outbound actions to go on. A second person has to agree."""
    locked = _lock(actor, pause)
    locked.resume_asked_by = actor
    locked.save(update_fields=["resume_asked_by"])
    audit.record(
        actor=actor,
        verb="outbound.resume_asked",
        target=locked,
        about=[locked.platform] if locked.platform else [],
    )
    return locked


@transaction.atomic
def resume_outbound(*, actor: User, pause: OutboundPause) -> OutboundPause:
    """Agree to go on. Raises `SecondPersonNeeded` for the one who asked, or if nobody did."""
    locked = _lock(actor, pause)
    if locked.resume_asked_by_id is None:
        raise SecondPersonNeeded("Somebody has to ask for it first, and another person agrees.")
    if locked.resume_asked_by_id == actor.pk:
        raise SecondPersonNeeded("You asked for it. Another person has to agree.")
    locked.resumed_by = actor
    locked.resumed_at = timezone.now()
    locked.save(update_fields=["resumed_by", "resumed_at"])
    audit.record(
        actor=actor,
        verb="outbound.resumed",
        target=locked,
        about=[locked.platform] if locked.platform else [],
    )
    return locked


def _lock(actor: User, pause: OutboundPause) -> OutboundPause:
    locked = OutboundPause.objects.select_for_update(no_key=True).get(pk=pause.pk)
    if not actor.has_perm("platforms.resume_outbound"):
        raise NotAllowed("Resuming takes a senior reviewer or an administrator.")
    if locked.resumed_at is not None:
        raise NotPaused(f"It was resumed on {locked.resumed_at:%d %b %Y, %H:%M} UTC.")
    return locked
