"""Let an approved decision take effect: matches, holds, restores, and the case's next state."""

from accounts.actors import Actor
from accounts.models import User
from cases import evidence, writes
from cases.models import Case, CaseProfile, Decision, HoldBasis, RestoreBasis
from platforms import incidents
from platforms.holds import Reason, order_restore, place_hold, release_hold
from platforms.models import Hold, Incident, Profile
from sanctions.adjudication import adjudicate
from sanctions.models import Designation, Match

Outcome = Decision.Outcome
State = Case.State


def settle(*, actor: User, case: Case, decision: Decision) -> None:
    """Carry out an approved decision inside the transaction that approved it."""
    after = _EFFECTS[Outcome(decision.outcome)](actor, case, decision)
    writes.move_on(
        case,
        actor=actor,
        verb="case.decided" if after == State.CLOSED else "case.moved",
        to=after if after != case.state else None,
        changes={"decision": decision.pk, "outcome": decision.outcome},
        about=[decision.profile] if decision.profile else [],
    )
    if decision.profile is not None and _concerns_other_cases(case, decision):
        _tell_other_cases(actor=actor, case=case, profile=decision.profile)


def _suspend(actor: User, case: Case, decision: Decision) -> State:
    profile = _profile_of(decision)
    # What the case was opened with may be days old. This is what is taken down.
    evidence.capture(actor=actor, case=case, captures=[evidence.of_profile(profile)])
    named = list(decision.designations.select_related("source"))
    for designation in named:
        hold = place_hold(actor=actor, profile=profile, reason=_reason_of(designation))
        HoldBasis.objects.create(hold=hold, designation=designation, placed_by_decision=decision)
    if not named:
        hold = place_hold(actor=actor, profile=profile, reason=_policy_reason(case, decision))
        HoldBasis.objects.create(hold=hold, placed_by_decision=decision)
    _adjudicate(actor, case, decision, confirmed={designation.pk for designation in named})
    return State.CLOSED


def _keep_down(actor: User, case: Case, decision: Decision) -> State:
    for incident in case.incidents.filter(state=Incident.State.CONTAINED):
        incidents.close(actor=actor, incident=incident, cause=decision.reasons)
    return State.CLOSED


def _no_action(actor: User, case: Case, decision: Decision) -> State:
    _adjudicate(actor, case, decision, confirmed=set())
    return State.CLOSED


def _keep_up(actor: User, case: Case, decision: Decision) -> State:
    """The person is listed and the account stays up, on a basis that is on record."""
    named = set(decision.designations.values_list("pk", flat=True))
    _adjudicate(actor, case, decision, confirmed=named)
    return State.CLOSED


def _need_more(actor: User, case: Case, decision: Decision) -> State:
    return State.WAITING


def _counsel(actor: User, case: Case, decision: Decision) -> State:
    return State.WITH_COUNSEL


def _release_hold(actor: User, case: Case, decision: Decision) -> State:
    """Lift the named holds. If none is left, the case stays open for what comes next."""
    profile = _profile_of(decision)
    for link in decision.decision_holds.select_related("hold__basis__designation"):
        basis = link.hold.basis
        basis.released_by_decision = decision
        basis.release_ground = decision.ground
        basis.save(update_fields=["released_by_decision", "release_ground"])
        release_hold(actor=actor, hold=link.hold)
        if decision.ground == Decision.Ground.MISIDENTIFIED and basis.designation is not None:
            _overturn(actor, decision, basis.designation)
    return State.CLOSED if profile.holds.keeping_down().exists() else State.OPEN


def _restore(actor: User, case: Case, decision: Decision) -> State:
    enforcement = order_restore(
        actor=actor, profile=_profile_of(decision), reference=f"{case.label}, {decision.pk}"
    )
    RestoreBasis.objects.create(enforcement=enforcement, decision=decision)
    return State.CLOSED


_EFFECTS = {
    Outcome.SUSPEND: _suspend,
    Outcome.KEEP_DOWN: _keep_down,
    Outcome.NO_ACTION: _no_action,
    Outcome.KEEP_UP: _keep_up,
    Outcome.NEED_MORE: _need_more,
    Outcome.COUNSEL: _counsel,
    Outcome.RELEASE_HOLD: _release_hold,
    Outcome.RESTORE: _restore,
}


# Nothing that another case is based on has changed: its pages stay good.
_MOVE_NO_HOLD = frozenset({Outcome.NEED_MORE, Outcome.COUNSEL})
_MOVES_HOLDS = frozenset({Outcome.SUSPEND, Outcome.RELEASE_HOLD})


def _concerns_other_cases(case: Case, decision: Decision) -> bool:
    """Tell whether the profile's other cases learn of a decision.

    Of a case that they may not know of, they learn what the account itself shows: its holds.
    """
    if case.takes_a_grant:
        return decision.outcome in _MOVES_HOLDS
    return decision.outcome not in _MOVE_NO_HOLD


def _overturn(actor: User, decision: Decision, designation: Designation) -> None:
    """A second review says that it is another person, whatever the first one said."""
    believed = Match.objects.filter(profile=decision.profile, designation=designation)
    for match in believed.exclude(adjudication=Match.Adjudication.NO_MATCH):
        adjudicate(
            actor=actor,
            match=match,
            verdict=Match.Adjudication.NO_MATCH,
            reason=decision.reasons,
        )


def _adjudicate(actor: User, case: Case, decision: Decision, confirmed: set[int]) -> None:
    """Settle every undecided match of the case: the named ones yes, the others no."""
    for match in Match.objects.undecided().filter(cases=case):
        yes = match.designation_id in confirmed
        adjudicate(
            actor=actor,
            match=match,
            verdict=Match.Adjudication.CONFIRMED if yes else Match.Adjudication.NO_MATCH,
            reason=decision.reasons,
        )


def _profile_of(decision: Decision) -> Profile:
    profile = decision.profile
    assert profile is not None  # noqa: S101  decisions with an effect are about a profile
    return profile


def _reason_of(designation: Designation) -> Reason:
    return Reason(
        kind=Hold.Kind.DESIGNATION,
        source=designation.source.slug,
        entry_key=designation.entry_key,
        title=f"Designation, {designation.source.short_name} {designation.entry_key}",
        detail=evidence.shortened(", ".join(designation.programs), 300),
    )


def _policy_reason(case: Case, decision: Decision) -> Reason:
    kind = Hold.Kind.BAN_EVASION if case.kind == Case.Kind.BAN_EVASION else Hold.Kind.POLICY
    policy = decision.policy
    assert policy is not None  # noqa: S101  a suspension names its policy
    return Reason(
        kind=kind,
        source=policy.code,
        # Everybody who sees the account reads its holds: the case's number would give away one
        # that is hidden.
        entry_key=f"decision-{decision.pk}",
        title=f"{kind.label}, {policy.title}",
        detail=policy.legal_basis,
    )


def _tell_other_cases(*, actor: Actor, case: Case, profile: Profile) -> None:
    """Holds moved: pages of this profile's other open cases are out of date now."""
    others = (
        CaseProfile.objects.filter(profile=profile, is_open=True)
        .exclude(case=case)
        .values_list("case_id", flat=True)
    )
    for other in Case.objects.filter(pk__in=others).order_by("pk"):
        writes.move_on(
            writes.lock(other),
            actor=actor,
            verb="case.holds_moved" if case.takes_a_grant else "case.sibling_decided",
            changes={} if case.takes_a_grant else {"sibling": case.pk},
            about=[profile],
        )
