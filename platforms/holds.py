"""Place and release holds, and ask what they demand.

A hold says why; the enforcement that follows says what is sent. Lifting the last hold
sends nothing: a restore is an action of its own, from a decision of its own.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from platforms.hints import hint_enforcements_due
from platforms.models import Effect, Enforcement, Hold, Profile
from platforms.models.enforcement import EnforcementQuerySet
from platforms.refusals import AlreadyHeld, HoldIsFixed, RestoreRefused, database_refusals


@dataclass(frozen=True, slots=True)
class Reason:
    """The reason for a hold, named by value: this room knows no list and no court."""

    kind: Hold.Kind
    source: str
    entry_key: str
    title: str
    detail: str = ""
    effect: Effect = Effect.SUSPEND
    territory: str = ""


def lock_profile(profile_id: int) -> Profile:
    """Take the profile's row, as the database's guards do, until the transaction ends."""
    return Profile.objects.select_for_update(no_key=True).get(pk=profile_id)


def place_hold(*, actor: User, profile: Profile, reason: Reason) -> Hold:
    """Place one hold and queue the action it demands, unless that is already under way.

    Call it inside the transaction of the decision that places it. Raises `AlreadyHeld` if
    the same reason already stands.
    """
    locked = lock_profile(profile.pk)
    try:
        with transaction.atomic(), database_refusals():
            hold = Hold.objects.create(
                profile=locked,
                kind=reason.kind,
                source=reason.source,
                entry_key=reason.entry_key,
                title=reason.title,
                detail=reason.detail,
                effect=reason.effect,
                territory=reason.territory,
                placed_by=actor,
            )
    except IntegrityError as error:
        if "hold_stands_once_per_reason" not in str(error):
            raise
        raise AlreadyHeld(f"{reason.title} already stands for {locked}.") from error
    if hold.keeps_down:
        _cancel_waiting(
            actor=actor,
            waiting=locked.enforcements.filter(action=Enforcement.Action.RESTORE),
            why="A hold was placed before it was sent.",
        )
    Profile.objects.filter(pk=locked.pk).update(next_read_at=timezone.now())
    audit.record(
        actor=actor,
        verb="hold.placed",
        target=hold,
        about=[locked],
        changes={"kind": hold.kind, "source": hold.source, "entry_key": hold.entry_key},
    )
    demand(actor=actor, hold=hold, cause=Enforcement.Cause.DECISION)
    return hold


def release_hold(*, actor: User, hold: Hold) -> Hold:
    """Lift one hold. Nothing is restored by it. Raises `HoldIsFixed` if it was lifted before."""
    lock_profile(hold.profile_id)
    locked = Hold.objects.select_for_update().get(pk=hold.pk)
    if not locked.stands:
        raise HoldIsFixed(f"{locked.title} was released on {locked.released_at:%d %b %Y}.")
    locked.released_at = timezone.now()
    locked.released_by = actor
    with database_refusals():
        locked.save(update_fields=["released_at", "released_by"])
    same_demand = {"effect": locked.effect, "territory": locked.territory}
    if not locked.profile.holds.standing().filter(**same_demand).exists():
        _cancel_waiting(
            actor=actor,
            waiting=locked.profile.enforcements.filter(
                action=locked.effect, territory=locked.territory
            ),
            why="The last hold that demanded it was released.",
        )
    audit.record(
        actor=actor,
        verb="hold.released",
        target=locked,
        about=[locked.profile],
        changes={"released_at": locked.released_at.isoformat()},
    )
    return locked


def demand(
    *, actor: Actor, hold: Hold, cause: Enforcement.Cause, at: datetime | None = None
) -> Enforcement | None:
    """Queue the action a hold demands. None if one of that kind is already on its way.

    A restore in flight does not stop it: the suspension waits right behind.
    """
    action = Enforcement.Action(hold.effect)
    same = Enforcement.objects.filter(
        profile_id=hold.profile_id, action=action, territory=hold.territory
    )
    if same.unsettled().exists():
        return None
    with database_refusals():
        enforcement = Enforcement.objects.create(
            profile_id=hold.profile_id,
            action=action,
            territory=hold.territory,
            cause=cause,
            reference=hold.title[:120],
            next_attempt_at=at or timezone.now(),
        )
    audit.record(
        actor=actor,
        verb="enforcement.approved",
        target=enforcement,
        about=[hold, hold.profile],
        changes={"action": action, "cause": cause},
    )
    hint_enforcements_due()
    return enforcement


def order_restore(*, actor: User, profile: Profile, reference: str) -> Enforcement:
    """Queue a restore. Raises `RestoreRefused`, naming every hold, while one stands.

    Call it inside the transaction of the two-person decision it comes from; the database
    asks for that decision at commit.
    """
    locked = lock_profile(profile.pk)
    standing = list(locked.holds.keeping_down().order_by("placed_at", "pk"))
    if standing:
        raise RestoreRefused(standing)
    with database_refusals():
        enforcement = Enforcement.objects.create(
            profile=locked, action=Enforcement.Action.RESTORE, reference=reference
        )
    audit.record(
        actor=actor,
        verb="enforcement.approved",
        target=enforcement,
        about=[locked],
        changes={"action": enforcement.action, "cause": enforcement.cause},
    )
    hint_enforcements_due()
    return enforcement


def _cancel_waiting(*, actor: Actor, waiting: EnforcementQuerySet, why: str) -> None:
    """Cancel what was not sent. What has no answer yet has to be found out first."""
    unsent = waiting.filter(state__in=[Enforcement.State.APPROVED, Enforcement.State.FAILED])
    for enforcement in unsent.select_for_update():
        enforcement.state = Enforcement.State.CANCELLED
        enforcement.settled_at = timezone.now()
        enforcement.problem = why
        enforcement.save(update_fields=["state", "settled_at", "problem"])
        audit.record(
            actor=actor,
            verb="enforcement.cancelled",
            target=enforcement,
            about=[enforcement.profile],
            reason=why,
        )
