"""Stop and resume what goes out to platforms. One person, or a guard, stops; two people resume."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import NotAllowed, Refusal
from platforms.models import Enforcement, OutboundPause, Platform

BURST = timedelta(hours=1)
SMALLEST_BURST = 10
"""So few suspensions are no burst, however small the platform is."""


class AlreadyPaused(Refusal):
    """A pause for the same platform, or for all of them, is in force."""

    code = "already_paused"


class NotPaused(Refusal):
    """The pause is over."""

    code = "not_paused"


class SecondPersonNeeded(Refusal):
    """Who asked to resume cannot agree to it as well."""

    code = "second_person_needed"


class NotReconciled(Refusal):
    """The database was recovered, and held accounts were not read since."""

    code = "not_reconciled"


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


def stops_a_burst(*, actor: Actor, platform: Platform) -> bool:
    """Pause the platform when the hour's suspensions are used up. Tell whether it is paused.

    Used up is the number an hour may have, or the part of the platform's accounts, whichever
    comes first (rule 13). The hour is counted anew after two people resumed. Call it in the
    transaction that is about to mark a suspension as sending.
    """
    # Two claims at once would both count the same number, and both go on.
    Platform.objects.select_for_update(no_key=True).get(pk=platform.pk)
    if pauses_for(platform).exists():
        return True
    since = timezone.now() - BURST
    resumed_at = (
        OutboundPause.objects.filter(platform=platform, resumed_at__gt=since)
        .order_by("-resumed_at")
        .values_list("resumed_at", flat=True)
        .first()
    )
    sent = Enforcement.objects.filter(
        profile__platform=platform,
        action=Enforcement.Action.SUSPEND,
        sent_at__gt=resumed_at or since,
    ).count()
    if sent >= platform.suspensions_per_hour_limit:
        limit = f"{platform.suspensions_per_hour_limit} suspensions"
    elif sent >= SMALLEST_BURST and _is_a_large_part(sent, platform):
        limit = f"{platform.suspensions_percent_limit.normalize():f} % of the accounts suspended"
    else:
        return False
    pause_outbound(
        actor=actor,
        platform=platform,
        reason=f"{limit} within an hour on {platform}. Two people have to look.",
    )
    return True


def _is_a_large_part(suspensions: int, platform: Platform) -> bool:
    # Reads as many rows as the part has, not as many as the platform has.
    accounts_needed = int(suspensions * 100 / platform.suspensions_percent_limit)
    return not platform.profiles.order_by()[accounts_needed : accounts_needed + 1].exists()


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
    """Agree to go on.

    Raises `SecondPersonNeeded` for the one who asked, or if nobody did, and `NotReconciled`
    while a pause after a recovery still waits for readings.
    """
    locked = _lock(actor, pause)
    if locked.resume_asked_by_id is None:
        raise SecondPersonNeeded("Somebody has to ask for it first, and another person agrees.")
    if locked.resume_asked_by_id == actor.pk:
        raise SecondPersonNeeded("You asked for it. Another person has to agree.")
    unread = OutboundPause.objects.with_accounts_to_read().get(pk=locked.pk).accounts_to_read
    if unread:
        raise NotReconciled(
            f"The database was recovered, and {unread:,} held accounts were not read since. They "
            "are being read now. Resume when none is left."
        )
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
