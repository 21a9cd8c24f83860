"""Propose, answer and withdraw decisions.

Proposer and answerer are two people. Restoring, releasing a hold and suspending a profile
of high reach wait for the second; everything else takes effect when it is proposed.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.refusals import NotAllowed
from cases import policies, reviews, settling, writes
from cases.models import (
    Approval,
    Case,
    Decision,
    DecisionHold,
    DecisionParticipant,
    Policy,
)
from cases.outcomes import GROUNDS, OUTCOMES
from cases.refusals import AlreadySettled, InvalidCaseStep, OutcomeNotPermitted, OwnProposal
from platforms.holds import lock_profile
from platforms.models import Hold, Incident, Profile
from platforms.refusals import RestoreRefused
from sanctions.models import Designation, DesignationVersion, ListVersion

Outcome = Decision.Outcome


@dataclass(frozen=True)
class Proposal:
    """What a reviewer proposes, as it came from the page or the API."""

    outcome: Outcome
    reasons: str
    policy: Policy | None = None
    designations: Iterable[Designation] = ()
    holds: Iterable[Hold] = ()
    ground: str = ""
    list_version: ListVersion | None = None


@transaction.atomic
def propose(
    *, actor: User, case: Case, proposal: Proposal, expected_version: int | None
) -> Decision:
    """Put a decision on record; where one person is enough it takes effect at once.

    Raises `NotAllowed`, `RestoreRefused` (naming every hold that stands), `StalePage`,
    `LeaseMissing`, `LeaseHeld`, `OutcomeNotPermitted` or `InvalidCaseStep`.
    """
    profile = _lock_profile(main_profile(case))
    locked = writes.lock_with_siblings(case, profile)
    writes.require_on(locked, actor, "cases.propose_decision")
    if proposal.outcome == Outcome.RESTORE:
        # Said before all else: which holds stand matters more than a lease or a stale page.
        _refuse_a_restore_while_held(profile)
    writes.require_version(locked, expected_version)
    if locked.state == Case.State.PROPOSED:
        raise InvalidCaseStep("A proposal waits for its second person here. It comes first.")
    writes.require_lease(locked, actor)
    reviews.require_took_no_part(actor=actor, case=locked, profile=profile)
    _check(proposal, case=locked, profile=profile)
    because = _why_two_people(proposal, profile)
    decision = Decision.objects.create(
        case=locked,
        case_version=locked.version,
        profile=profile,
        outcome=proposal.outcome,
        needs_second=bool(because),
        needs_second_because=because,
        policy=proposal.policy,
        legal_basis=proposal.policy.legal_basis if proposal.policy else "",
        ground=proposal.ground,
        list_version=proposal.list_version,
        reasons=proposal.reasons.strip(),
        proposer=actor,
    )
    decision.designations.set(proposal.designations)
    DecisionHold.objects.bulk_create(
        DecisionHold(decision=decision, hold=hold) for hold in proposal.holds
    )
    DecisionParticipant.objects.create(
        decision=decision, user=actor, part=DecisionParticipant.Part.PROPOSED
    )
    # The review is over for now, whatever comes next: nobody else has to wait for the lease.
    locked.lease_holder = None
    locked.lease_ends_at = None
    locked.save(update_fields=["lease_holder", "lease_ends_at"])
    if decision.needs_second:
        writes.move_on(
            locked,
            actor=actor,
            verb="decision.proposed",
            to=Case.State.PROPOSED,
            changes={"decision": decision.pk, "outcome": decision.outcome},
            about=[profile] if profile else [],
            reason=decision.reasons,
        )
    else:
        _approve(actor=actor, decision=decision)
        settling.settle(actor=actor, case=locked, decision=decision)
    return decision


@transaction.atomic
def answer(
    *,
    actor: User,
    decision: Decision,
    is_approved: bool,
    reason: str = "",
    expected_version: int | None,
) -> Approval:
    """Give the second person's yes or no.

    Raises `OwnProposal` for the proposer, `NotAllowed` without the permission,
    `AlreadySettled` on the second click and `StalePage` if the case moved on.
    """
    profile = _lock_profile(decision.profile)
    case = writes.lock_with_siblings(decision.case, profile)
    waiting = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    if waiting.proposer_id == actor.pk:
        raise OwnProposal
    writes.require_on(case, actor, permission_to_answer(waiting))
    reviews.require_took_no_part(actor=actor, case=case, profile=profile)
    _require_waiting(waiting)
    writes.require_version(case, expected_version)
    if is_approved:
        # What the proposer saw may have changed: an entry listed again, a policy ended.
        _check(_as_proposal(waiting), case=case, profile=profile)
    elif not reason.strip():
        raise OutcomeNotPermitted("A no needs its reason: the proposer has to know what to mend.")
    approval = Approval.objects.create(
        decision=waiting,
        proposer_id=waiting.proposer_id,
        approver=actor,
        is_approved=is_approved,
        reason=reason.strip(),
    )
    DecisionParticipant.objects.create(
        decision=waiting, user=actor, part=DecisionParticipant.Part.ANSWERED
    )
    if is_approved:
        _approve(actor=actor, decision=waiting)
        settling.settle(actor=actor, case=case, decision=waiting)
    else:
        _settle_without_effect(
            actor=actor, case=case, decision=waiting, state=Decision.State.REJECTED, reason=reason
        )
    return approval


@transaction.atomic
def withdraw(
    *, actor: User, decision: Decision, reason: str = "", expected_version: int | None = None
) -> Decision:
    """Take one's own proposal back before anybody answered it.

    Raises `NotAllowed` for anybody else, `AlreadySettled` on the second click and `StalePage`
    if the case moved on.
    """
    case = writes.lock(decision.case)
    waiting = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    writes.require_on(case, actor, "cases.propose_decision")
    if waiting.proposer_id != actor.pk:
        raise NotAllowed("Only the person who proposed it can withdraw it.")
    _require_waiting(waiting)
    writes.require_version(case, expected_version)
    _settle_without_effect(
        actor=actor, case=case, decision=waiting, state=Decision.State.WITHDRAWN, reason=reason
    )
    return waiting


def _lock_profile(profile: Profile | None) -> Profile | None:
    """Take the profile's row before any case's, in every write that may do both.

    A decision touches the profile and then its open cases: with the rows taken in another
    order, a reviewer and the sweep that opens cases would wait for each other for ever.
    """
    return None if profile is None else lock_profile(profile.pk)


def _require_waiting(decision: Decision) -> None:
    if decision.state != Decision.State.PROPOSED:
        raise AlreadySettled(f"This proposal was answered before: {decision.get_state_display()}.")


def main_profile(case: Case) -> Profile | None:
    """The profile a case is about: its primary one, else the first that was linked."""
    return (
        case.profiles.select_related("platform")
        .order_by("-case_profiles__is_primary", "case_profiles__pk")
        .first()
    )


def _as_proposal(decision: Decision) -> Proposal:
    """What was proposed, to be looked at again with the eyes of today."""
    return Proposal(
        outcome=Outcome(decision.outcome),
        reasons=decision.reasons,
        policy=decision.policy,
        designations=decision.designations.all(),
        holds=[link.hold for link in decision.decision_holds.select_related("hold")],
        ground=decision.ground,
        list_version=decision.list_version,
    )


def _check(proposal: Proposal, *, case: Case, profile: Profile | None) -> None:
    if not proposal.reasons.strip():
        raise OutcomeNotPermitted("A decision needs its reasons: they are read years later.")
    if proposal.outcome not in OUTCOMES[Case.Kind(case.kind)]:
        raise OutcomeNotPermitted(
            f"“{proposal.outcome.label}” does not answer a case of the kind "
            f"“{case.get_kind_display()}”."
        )
    if profile is None and proposal.outcome in Decision.ABOUT_A_PROFILE:
        raise OutcomeNotPermitted("This case is about no account yet, so there is none to act on.")
    policies.require_permitted(proposal.policy, proposal.outcome)
    if proposal.outcome == Outcome.KEEP_DOWN and case.kind == Case.Kind.INCIDENT:
        _refuse_to_close_over_an_open_incident(case)
    if proposal.outcome in (Outcome.SUSPEND, Outcome.KEEP_UP):
        _check_designations(proposal, case)
    if proposal.outcome == Outcome.RELEASE_HOLD:
        _check_release(proposal, profile)


def _refuse_a_restore_while_held(profile: Profile | None) -> None:
    standing = list(profile.holds.keeping_down().order_by("placed_at", "pk")) if profile else []
    if standing:
        raise RestoreRefused(standing)


def _refuse_to_close_over_an_open_incident(case: Case) -> None:
    still_open = case.incidents.filter(state=Incident.State.OPEN).first()
    if still_open is not None:
        raise OutcomeNotPermitted(
            f"{still_open} is open: the account was not read back as its holds demand yet."
        )


def _check_designations(proposal: Proposal, case: Case) -> None:
    """Both say that somebody is listed: by which entry has to be on record."""
    named = {designation.pk for designation in proposal.designations}
    in_case = Designation.objects.filter(case_designations__case=case).in_bulk(named)
    if len(in_case) < len(named) or (case.kind == Case.Kind.MATCH and not named):
        raise OutcomeNotPermitted("Say which of this case's designations it rests on.")
    policy = proposal.policy
    for designation in in_case.values():
        if not designation.is_listed:
            raise OutcomeNotPermitted(f"{designation} is not listed any more.")
    programs = {program for each in in_case.values() for program in each.programs}
    if policy is not None and named and policy.programs and programs.isdisjoint(policy.programs):
        raise OutcomeNotPermitted(
            f"“{policy.title}” speaks of {', '.join(policy.programs)}, and none of the entries "
            "named here is listed under that."
        )


def _check_release(proposal: Proposal, profile: Profile | None) -> None:
    named = {hold.pk for hold in proposal.holds}
    standing = Hold.objects.standing().filter(profile=profile)
    holds = standing.select_related("basis__designation").in_bulk(named)
    if not named:
        raise OutcomeNotPermitted("Say which hold is to be released.")
    if len(holds) < len(named):
        raise OutcomeNotPermitted("A hold named here does not stand on this profile any more.")
    if not proposal.ground:
        raise OutcomeNotPermitted("Say on which ground the hold is to be released.")
    ground = Decision.Ground(proposal.ground)
    for hold in holds.values():
        if ground not in GROUNDS[Hold.Kind(hold.kind)]:
            raise OutcomeNotPermitted(f"“{ground.label}” is no ground to release {hold.title}.")
        if ground == Decision.Ground.DELISTED:
            _check_delisting(proposal.list_version, hold)


def _check_delisting(list_version: ListVersion | None, hold: Hold) -> None:
    if list_version is None:
        raise OutcomeNotPermitted("Name the list version that delisted the entry.")
    designation = hold.basis.designation
    if designation is None or designation.is_listed:
        raise OutcomeNotPermitted(f"{hold.title} is still listed.")
    ended = DesignationVersion.Change.DELISTED
    if not designation.versions.filter(list_version=list_version, change=ended).exists():
        raise OutcomeNotPermitted(f"{list_version} is not the one that delisted {hold.title}.")


def _why_two_people(proposal: Proposal, profile: Profile | None) -> str:
    if proposal.outcome in Decision.ALWAYS_TWO_PEOPLE:
        return f"“{proposal.outcome.label}” always takes two people."
    if proposal.outcome == Outcome.SUSPEND and profile is not None and profile.has_high_reach:
        return f"Reach over {profile.platform.high_reach_threshold:,}: someone else confirms."
    return ""


def permission_to_answer(decision: Decision) -> str:
    """Name the permission that answering this proposal takes."""
    # A licence or an exemption is counsel's to accept.
    if decision.ground == Decision.Ground.LICENCE:
        return "cases.approve_release"
    return "cases.approve_decision"


def _approve(*, actor: User, decision: Decision) -> None:
    decision.state = Decision.State.APPROVED
    decision.settled_at = timezone.now()
    decision.save(update_fields=["state", "settled_at"])
    audit.record(
        actor=actor,
        verb="decision.approved",
        target=decision,
        about=[decision.case, *([decision.profile] if decision.profile else [])],
        changes={"outcome": decision.outcome, "needs_second": decision.needs_second},
        reason=decision.reasons if not decision.needs_second else "",
    )


def _settle_without_effect(
    *, actor: User, case: Case, decision: Decision, state: Decision.State, reason: str
) -> None:
    decision.state = state
    decision.settled_at = timezone.now()
    decision.save(update_fields=["state", "settled_at"])
    writes.move_on(
        case,
        actor=actor,
        verb=f"decision.{state.value}",
        to=Case.State.OPEN,
        changes={"decision": decision.pk, "outcome": decision.outcome},
        reason=reason,
    )
