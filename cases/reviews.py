"""Ask again whether a held account stays down, and let others answer than those who decided.

A misidentified person, a licence, an order that ended: no list says so, a person does. A
review lifts nothing by itself; it is a case like any other, with one rule more.
"""

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.refusals import NotAllowed, Refusal
from cases import opening, writes
from cases.models import Case, DecisionParticipant
from platforms.models import Profile


class TookPart(NotAllowed):
    """Nobody reviews a decision they took part in."""

    code = "took_part"

    def __init__(self) -> None:
        super().__init__(
            "You took part in the decision that is under review. Somebody else has to review it."
        )


class NothingToReview(Refusal):
    """A review is about holds that stand, and one at a time."""

    code = "nothing_to_review"


@transaction.atomic
def ask_for_review(*, actor: User, case: Case, reason: str) -> Case:
    """Open a review of the holds on the profile of a case. Nothing is lifted by it.

    Raises `NotAllowed`, or `NothingToReview` where no hold stands, a review is open already,
    or no reason is given.
    """
    writes.require_on(case, actor, "cases.propose_decision")
    if not reason.strip():
        raise NothingToReview("Say what has to be looked at again, and why.")
    profile = case.profiles.order_by("case_profiles__pk").first()
    if profile is None or not profile.holds.keeping_down().exists():
        raise NothingToReview("No hold keeps this account down. There is nothing to review.")
    review = opening.open_for_review(actor=actor, profile=profile, reason=reason.strip())
    if review is None:
        raise NothingToReview(f"A review of {profile} is open already.")
    return review


def require_took_no_part(*, actor: User, case: Case, profile: Profile | None) -> None:
    """Raise `TookPart` for a review by somebody who placed what is reviewed.

    The database asks the same of each participant (migration 0007).
    """
    if case.kind != Case.Kind.APPEAL:
        return
    under_review = DecisionParticipant.objects.filter(
        Q(decision__holds_placed__hold__released_at__isnull=True)
        | Q(decision__holds_placed__hold__released_at__gte=case.opened_at),
        user=actor,
        decision__holds_placed__hold__profile=profile,
    )
    if under_review.exists():
        raise TookPart
