"""Counsel's table, read: which policies speak to a case, and what they permit."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils import timezone

from cases.models import Decision, Policy
from cases.models.policies import PolicyQuerySet
from cases.refusals import OutcomeNotPermitted

# These say only that nothing is decided yet, or that nobody listed is concerned.
NEED_NO_POLICY = frozenset(
    {Decision.Outcome.NEED_MORE, Decision.Outcome.COUNSEL, Decision.Outcome.NO_ACTION}
)


def applicable(programs: Iterable[str]) -> PolicyQuerySet:
    """Policies in force today for these programs, and those that need no program."""
    return Policy.objects.in_force(timezone.localdate()).filter(
        Q(programs__overlap=list(programs)) | Q(programs=[])
    )


def require_permitted(policy: Policy | None, outcome: Decision.Outcome) -> None:
    """Raise `OutcomeNotPermitted` unless the policy lets people decide this."""
    if outcome in NEED_NO_POLICY:
        return
    if policy is None:
        raise OutcomeNotPermitted(f"“{outcome.label}” needs the policy it rests on.")
    today = timezone.localdate()
    if policy.starts_on > today or (policy.ends_on is not None and policy.ends_on <= today):
        raise OutcomeNotPermitted(f"“{policy.title}” is not in force today. Choose another.")
    if outcome not in policy.permitted_outcomes:
        raise OutcomeNotPermitted(
            f"“{policy.title}” does not permit “{outcome.label}”. Ask counsel, or choose another."
        )
