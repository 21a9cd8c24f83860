"""Judge what was read against what the holds demand.

Whoever reads an account (the reconciler, the executor's read-back, a pull) comes through
here, so that a held profile that is up becomes an incident no matter who saw it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.actors import Actor
from platforms import holds, incidents
from platforms.connectors.base import AccountReading, AccountState
from platforms.models import Effect, Enforcement, Hold, Incident, ObservedState, Platform, Profile
from platforms.models.holds import KEEPS_DOWN

REAPPLICATIONS_A_DAY = 3
"""Rule 14: so often a hold's action is applied again without asking people."""

Demand = tuple[int, str, str]
"""Profile, action and territory: what one enforcement can satisfy."""


@dataclass(frozen=True)
class Drift:
    """A held profile that is up, and the holds that say otherwise."""

    profile: Profile
    began_at: datetime
    unmet: list[Hold]


@dataclass
class Judgement:
    """What a batch of readings means. Nothing is written before `act_on`."""

    drifts: list[Drift] = field(default_factory=list)
    unlabelled: list[Hold] = field(default_factory=list)
    """Holds for a label or against payouts that are not in effect. Nobody is exposed by it."""
    heard: dict[int, datetime] = field(default_factory=dict)
    as_demanded: dict[int, datetime] = field(default_factory=dict)


def is_in_effect(reading: AccountReading, *, action: str, territory: str) -> bool:
    """Tell whether an action shows in the account as it was read."""
    state = reading.state
    match action:
        case Enforcement.Action.SUSPEND:
            return state in (AccountState.SUSPENDED, AccountState.GONE)
        case Enforcement.Action.WITHHOLD:
            return territory in reading.withheld_in or state == AccountState.GONE
        case Enforcement.Action.LABEL:
            return reading.is_labelled or state == AccountState.GONE
        case Enforcement.Action.MONETISATION_OFF:
            return not reading.is_monetised or state == AccountState.GONE
        case _ if territory:
            return territory not in reading.withheld_in
    return state not in (AccountState.SUSPENDED, AccountState.WITHHELD, AccountState.GONE)


def is_met(reading: AccountReading, hold: Hold) -> bool:
    """Tell whether the account is as the hold demands, whoever made it so.

    An account that its platform suspended or its holder switched off is not up.
    """
    if hold.effect in KEEPS_DOWN and reading.state not in (
        AccountState.ACTIVE,
        AccountState.WITHHELD,
    ):
        return True
    return is_in_effect(reading, action=hold.effect, territory=hold.territory)


def judge(
    *, platform: Platform, profiles: Mapping[int, Profile], readings: Mapping[int, AccountReading]
) -> Judgement:
    """Put the readings into the locked profiles, unsaved, and say what follows from them.

    Both mappings go by the profile's key. Two queries, whatever the number of readings.
    """
    judgement = Judgement()
    if not readings:
        return judgement
    standing: dict[int, list[Hold]] = defaultdict(list)
    for hold in Hold.objects.standing().filter(profile_id__in=readings).order_by("placed_at", "pk"):
        standing[hold.profile_id].append(hold)
    under_way: set[Demand] = set(
        Enforcement.objects.unsettled()
        .filter(profile_id__in=standing)
        .values_list("profile_id", "action", "territory")
    )
    for pk, reading in readings.items():
        profile = profiles[pk]
        profile.platform = platform
        profile.observed_state = ObservedState(reading.state.value)
        profile.observed_at = reading.read_at
        profile.next_read_at = reading.read_at + profile.cadence
        judgement.heard[pk] = reading.read_at
        unmet = [hold for hold in standing[pk] if not is_met(reading, hold)]
        unmet_down = [hold for hold in unmet if hold.effect in KEEPS_DOWN]
        judgement.unlabelled += [hold for hold in unmet if hold.effect not in KEEPS_DOWN]
        if not unmet_down:
            judgement.as_demanded[pk] = reading.read_at
            if any(hold.effect in KEEPS_DOWN for hold in standing[pk]):
                profile.last_down_at = reading.read_at
        elif _is_drift(profile, unmet_down, under_way):
            known_down_at = profile.last_down_at or unmet_down[0].placed_at
            judgement.drifts.append(
                Drift(profile, max(known_down_at, unmet_down[0].placed_at), unmet_down)
            )
    return judgement


def act_on(judgement: Judgement, *, actor: Actor) -> None:
    """Open and contain incidents, and apply again what a standing hold demands.

    Call it in the transaction that locked the profiles, after they were saved.
    """
    for drift in judgement.drifts:
        _answer_drift(drift, actor=actor)
    _reapply_all(judgement.unlabelled, actor=actor)
    over = Incident.objects.filter(profile_id__in=judgement.heard, state=Incident.State.OPEN)
    for incident in over.select_related("profile").select_for_update(of=("self",), no_key=True):
        ended = judgement.heard if incident.kind == Incident.Kind.SILENCE else judgement.as_demanded
        if at := ended.get(incident.profile_id):
            incidents.contain(actor=actor, incident=incident, at=at)


def _is_drift(profile: Profile, unmet: list[Hold], under_way: set[Demand]) -> bool:
    """A first suspension that is still on its way is no drift: it was never down yet."""
    was_down = profile.last_down_at is not None and profile.last_down_at >= unmet[0].placed_at
    return was_down or any(_demand(hold) not in under_way for hold in unmet)


def _demand(hold: Hold) -> Demand:
    return hold.profile_id, hold.effect, hold.territory


def _answer_drift(drift: Drift, *, actor: Actor) -> None:
    incident, is_new = incidents.open_incident(
        actor=actor,
        profile=drift.profile,
        kind=Incident.Kind.DRIFT,
        began_at=drift.began_at,
    )
    if is_new:
        # An attempt that waits out its backoff would leave the account up for no reason.
        Enforcement.objects.unsettled().exclude(state=Enforcement.State.SENDING).filter(
            profile=drift.profile,
            action__in={hold.effect for hold in drift.unmet},
        ).update(next_attempt_at=timezone.now())
    for hold in _one_per_demand(drift.unmet):
        if not _reapply(hold, actor=actor):
            incidents.ask_people(
                actor=actor,
                incident=incident,
                reason=f"Applied again {REAPPLICATIONS_A_DAY} times in 24 hours.",
            )


def _reapply_all(unmet: list[Hold], *, actor: Actor) -> None:
    for hold in _one_per_demand(unmet):
        _reapply(hold, actor=actor)


def _one_per_demand(unmet: list[Hold]) -> list[Hold]:
    return list({_demand(hold): hold for hold in reversed(unmet)}.values())


def _reapply(hold: Hold, *, actor: Actor) -> bool:
    """Apply a hold's action again by standing approval. False when that is used up (rule 14)."""
    today = Enforcement.objects.filter(
        profile_id=hold.profile_id,
        action=Effect(hold.effect),
        territory=hold.territory,
        cause=Enforcement.Cause.STANDING_APPROVAL,
        created_at__gt=timezone.now() - timedelta(hours=24),
    )
    if today.count() < REAPPLICATIONS_A_DAY:
        holds.demand(actor=actor, hold=hold, cause=Enforcement.Cause.STANDING_APPROVAL)
        return True
    return today.unsettled().exists()
