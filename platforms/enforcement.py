"""Send what was approved to the platforms, once, and believe only what is read back.

Transaction one locks the profile, asks the database's guard whether the action is still
allowed, marks the row `sending` and commits. Then the call. Transaction two records what
came of it. A worker may die anywhere: the row tells what has to be found out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import NotAllowed, Refusal
from platforms import circuit, outbound, profiles, recovery
from platforms.attempts import Claim, Outcome, attempt
from platforms.hints import hint_enforcements_due
from platforms.holds import lock_profile
from platforms.models import Enforcement, Hold, OutboundPause
from platforms.models.enforcement import EnforcementQuerySet
from platforms.models.holds import KEEPS_DOWN
from platforms.refusals import (
    InvalidTransition,
    NothingDemandsIt,
    RestoreRefused,
    database_refusals,
)

State = Enforcement.State

ABANDONED_AFTER = timedelta(seconds=90)
"""Longer than the calls of one attempt may take: what is `sending` since then has no worker."""


def send_due(*, actor: Actor, limit: int = 100) -> int:
    """Send what is due, oldest first, and return how many were attempted.

    Safe to run many times at once: each row is claimed by one worker. In a database that was
    recovered nothing is sent before two people let it (rule 13).
    """
    recovery.pause_if_recovered(actor=actor)
    attempted = 0
    while attempted < limit and (claim := claim_next(actor=actor)) is not None:
        attempted += 1
        send(actor=actor, claim=claim)
    return attempted


def claim_next(*, actor: Actor) -> Claim | None:
    """Transaction one: mark the next due action `sending` and return it, or None.

    An action that is no longer allowed is cancelled with the reason: a restore names every
    hold that stands. Too many suspensions in an hour pause the platform (rule 13).
    """
    while True:
        with transaction.atomic():
            enforcement = (
                _sendable(timezone.now())
                .select_related("profile__platform")
                # Nothing is waited for here, so no order of locks can end in a deadlock.
                .select_for_update(of=("self", "profile"), skip_locked=True, no_key=True)
                .first()
            )
            if enforcement is None:
                return None
            if enforcement.action == Enforcement.Action.SUSPEND and outbound.stops_a_burst(
                actor=actor, platform=enforcement.profile.platform
            ):
                continue
            claim = _mark_sending(actor=actor, enforcement=enforcement)
        if claim is not None:
            return claim


def send(*, actor: Actor, claim: Claim) -> None:
    """Make the call for a claim, outside any transaction, and record what came of it."""
    outcome = attempt(claim)
    with transaction.atomic():
        _settle(actor=actor, claim=claim, outcome=outcome)


def recover_abandoned(*, actor: Actor) -> int:
    """Mark as unknown what was being sent by a worker that is gone. Return how many.

    Nobody knows whether the call was made: the next attempt reads the account first.
    """
    recovered = 0
    abandoned = Enforcement.objects.filter(
        state=State.SENDING, sent_at__lt=timezone.now() - ABANDONED_AFTER
    )
    for profile_id, pk in list(abandoned.values_list("profile_id", "pk")):
        with transaction.atomic():
            lock_profile(profile_id)
            enforcement = abandoned.select_for_update(no_key=True).filter(pk=pk).first()
            if enforcement is None:
                continue
            enforcement.next_attempt_at = timezone.now()
            _move(
                enforcement,
                actor=actor,
                to=State.UNKNOWN,
                problem="The worker that was sending it is gone.",
            )
            recovered += 1
    return recovered


@transaction.atomic
def cancel_enforcement(*, actor: User, enforcement: Enforcement, reason: str) -> Enforcement:
    """End an action that was not settled, for a reason: nobody sends it any more (rule 11).

    What a hold demands is asked for again when the account is read as up. Raises `NotAllowed`,
    and `InvalidTransition` where it is settled or being sent.
    """
    if not actor.has_perm("platforms.end_action"):
        raise NotAllowed("An action is ended by a senior reviewer.")
    if not reason.strip():
        raise Refusal("Say why it is ended. The record keeps it.")
    lock_profile(enforcement.profile_id)
    locked = Enforcement.objects.select_for_update(no_key=True).get(pk=enforcement.pk)
    if not locked.may_be_ended:
        raise InvalidTransition(f"It cannot be ended: {locked.get_state_display().lower()}.")
    _move(locked, actor=actor, to=State.CANCELLED, problem=reason.strip())
    return locked


def _sendable(at: datetime) -> EnforcementQuerySet:
    """Due actions of platforms that may be called, for profiles with nothing in flight."""
    in_flight = Enforcement.objects.filter(profile=OuterRef("profile"), state=State.SENDING)
    paused = OutboundPause.objects.in_force().filter(
        Q(platform=None) | Q(platform=OuterRef("profile__platform"))
    )
    return (
        Enforcement.objects.due(at)
        .filter(circuit.closed(at, prefix="profile__platform__"))
        .filter(~Exists(in_flight), ~Exists(paused), profile__platform__is_active=True)
    )


def _mark_sending(*, actor: Actor, enforcement: Enforcement) -> Claim | None:
    """Let the database's guard decide. None if it is not to be sent, or not by us."""
    profile = enforcement.profile
    standing = list(profile.holds.standing().order_by("placed_at", "pk"))
    before = State(enforcement.state)
    claimed_at = timezone.now()
    try:
        in_the_way = [hold for hold in standing if hold.effect in KEEPS_DOWN]
        if enforcement.action == Enforcement.Action.RESTORE and in_the_way:
            raise RestoreRefused(in_the_way)
        with transaction.atomic(), database_refusals():
            enforcement.attempts += 1
            enforcement.sent_at = claimed_at
            _move(enforcement, actor=actor, to=State.SENDING)
    except IntegrityError as error:
        if "enforcement_one_sending_per_profile" not in str(error):
            raise
        # Another worker claimed an action for this profile after our snapshot was taken.
        return None
    except (RestoreRefused, NothingDemandsIt) as refusal:
        enforcement.refresh_from_db()
        _move(enforcement, actor=actor, to=State.CANCELLED, problem=str(refusal))
        return None
    return Claim(
        enforcement_id=enforcement.pk,
        profile_id=profile.pk,
        platform=profile.platform,
        external_id=profile.external_id,
        action=enforcement.action,
        territory=enforcement.territory,
        reason_code=_reason_code(enforcement, standing),
        idempotency_key=str(enforcement.idempotency_key),
        attempt=enforcement.attempts,
        before=before,
        claimed_at=claimed_at,
    )


def _reason_code(enforcement: Enforcement, standing: list[Hold]) -> str:
    """The kind of the oldest hold that demands it; a restore comes from a decision."""
    for hold in standing:
        if (hold.effect, hold.territory) == (enforcement.action, enforcement.territory):
            return hold.kind
    return "decision"


def _settle(*, actor: Actor, claim: Claim, outcome: Outcome) -> None:
    """Transaction two: write what came of the attempt, and judge the account as it was read."""
    lock_profile(claim.profile_id)
    enforcement = Enforcement.objects.select_for_update(no_key=True).get(pk=claim.enforcement_id)
    is_still_ours = enforcement.attempts == claim.attempt and enforcement.state in (
        State.SENDING,
        State.UNKNOWN,
    )
    if is_still_ours:
        _record_outcome(enforcement, actor=actor, outcome=outcome)
    now = timezone.now()
    if outcome.wait_seconds is not None:
        until = now + timedelta(seconds=outcome.wait_seconds)
        circuit.wait(platform_id=claim.platform.pk, until=until)
    elif outcome.platform_answered:
        circuit.record_answer(platform_id=claim.platform.pk)
    else:
        circuit.record_failure(platform_id=claim.platform.pk, at=now)
    if outcome.reading is not None:
        profiles.record_readings(actor=actor, platform=claim.platform, readings=[outcome.reading])
    if Enforcement.objects.due(now).filter(profile_id=claim.profile_id).exists():
        hint_enforcements_due()


def _record_outcome(enforcement: Enforcement, *, actor: Actor, outcome: Outcome) -> None:
    enforcement.next_attempt_at = timezone.now() + timedelta(seconds=outcome.retry_in_seconds)
    if outcome.reading is not None:
        enforcement.platform_reply = {
            "state": outcome.reading.state,
            "read_at": outcome.reading.read_at.isoformat(),
        }
    _move(enforcement, actor=actor, to=outcome.state, problem=outcome.problem)
    if outcome.was_undone and enforcement.action != Enforcement.Action.RESTORE:
        # The key is spent. While the hold stands, the drift that follows queues a new one.
        _move(
            enforcement,
            actor=actor,
            to=State.CANCELLED,
            problem="It was applied, and then undone on the platform.",
        )


def _move(
    enforcement: Enforcement, *, actor: Actor, to: Enforcement.State, problem: str = ""
) -> None:
    """Take one step of the enforcement's life, with its event. Its row is locked."""
    before = State(enforcement.state)
    if to not in Enforcement.TRANSITIONS[before] and to != before:
        raise InvalidTransition(f"An enforcement that is {before} cannot become {to}.")
    enforcement.state = to
    enforcement.problem = problem
    if to in (State.CONFIRMED, State.CANCELLED):
        enforcement.settled_at = timezone.now()
    enforcement.save(
        update_fields=[
            "state",
            "problem",
            "attempts",
            "sent_at",
            "settled_at",
            "next_attempt_at",
            "platform_reply",
        ]
    )
    audit.record(
        actor=actor,
        verb=f"enforcement.{to}",
        target=enforcement,
        about=[enforcement.profile],
        changes={"state": [before, to], "attempt": enforcement.attempts},
        reason=problem,
    )
