"""Which outcomes a case offers, and why one of them is refused at this moment.

A refused outcome stays on the page with its reason. The verbs refuse it again: nothing here
protects anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cases.models import Case, Decision
from cases.outcomes import OUTCOMES
from cases.standing import holds_stand
from platforms.models import Hold, Incident, Profile
from platforms.models.holds import KEEPS_DOWN
from platforms.refusals import RestoreRefused
from sanctions.models import Designation

Kind = Case.Kind
Outcome = Decision.Outcome


@dataclass(frozen=True)
class Offer:
    """One outcome of the decision form. `refused_because` is empty where it may be chosen."""

    outcome: Outcome
    refused_because: str = ""

    @property
    def by_hand(self) -> bool:
        """Tell whether it lifts a hold or restores: then no key chooses or sends it."""
        return self.outcome in Decision.ALWAYS_TWO_PEOPLE


def outcomes_of(case: Case, *, is_held: bool) -> tuple[Outcome, ...]:
    """The outcomes of a case, Restore included wherever somebody could look for it."""
    outcomes = OUTCOMES[Kind(case.kind)]
    if is_held and Outcome.RESTORE not in outcomes:
        return (*outcomes, Outcome.RESTORE)
    return outcomes


def offers(
    *,
    case: Case,
    designations: Sequence[Designation],
    holds: Sequence[Hold],
    incidents: Sequence[Incident],
) -> list[Offer]:
    """Every outcome of the case, each with the reason why it would be refused now."""
    standing = [hold for hold in holds if hold.stands]
    return [
        Offer(outcome, _refused_because(outcome, case, designations, standing, incidents))
        for outcome in outcomes_of(case, is_held=bool(standing))
    ]


def consequence(decision: Decision, *, profile: Profile, standing: int) -> str:
    """Say what approving sets going, for the second person to confirm.

    `standing` is how many holds stand on the profile now.
    """
    where = f"{profile} on {profile.platform}"
    match decision.outcome:
        case Outcome.SUSPEND:
            count = max(len(decision.designations.all()), 1)
            return f"{_counted(count)} placed and {where} is suspended."
        case Outcome.RELEASE_HOLD:
            released = len(decision.decision_holds.all())
            left = max(standing - released, 0)
            after = "No hold stands after that." if not left else holds_stand(left) + " after that."
            return f"{_counted(released)} released. Nothing is restored by it. {after}"
        case Outcome.RESTORE:
            return f"A restore of {where} is sent. No hold may stand when it is."
    return "It takes effect at once."


def _counted(count: int) -> str:
    return "One hold is" if count == 1 else f"{count} holds are"


def _refused_because(
    outcome: Outcome,
    case: Case,
    designations: Sequence[Designation],
    standing: Sequence[Hold],
    incidents: Sequence[Incident],
) -> str:
    keeping_down = [hold for hold in standing if hold.effect in KEEPS_DOWN]
    if outcome == Outcome.RESTORE and keeping_down:
        return str(RestoreRefused(keeping_down))
    if (
        outcome == Outcome.SUSPEND
        and case.kind == Kind.MATCH
        and not any(designation.is_listed for designation in designations)
    ):
        return "Take down is refused. No designation of this case is listed any more."
    if outcome == Outcome.RELEASE_HOLD and not standing:
        return "Release is refused. No hold stands."
    if (
        outcome == Outcome.KEEP_DOWN
        and case.kind == Kind.INCIDENT
        and any(incident.state == Incident.State.OPEN for incident in incidents)
    ):
        return "Keep down is refused. The incident is open: the account was not read as down yet."
    return ""
