"""Say what a match turned out to be."""

from django.utils import timezone

from accounts import audit
from accounts.models import User
from sanctions.models import Match
from sanctions.refusals import VerdictStands


def adjudicate(*, actor: User, match: Match, verdict: Match.Adjudication, reason: str) -> Match:
    """Record a person's verdict on one match. Call it inside the decision's transaction.

    Raises `VerdictStands` for a verdict that would be written over another one.
    """
    locked = (
        Match.objects.select_related("profile", "designation", "adjudicated_by")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=match.pk)
    )
    before = Match.Adjudication(locked.adjudication)
    if verdict not in Match.TRANSITIONS[before]:
        raise VerdictStands(
            f"This match is “{before.label}” since {locked.adjudicated_at:%d %b %Y}, "
            f"by {locked.adjudicated_by}. It does not become “{verdict.label}”."
        )
    locked.adjudication = verdict
    locked.adjudicated_by = actor
    locked.adjudicated_at = timezone.now()
    locked.adjudication_reason = reason
    locked.save(
        update_fields=[
            "adjudication",
            "adjudicated_by",
            "adjudicated_at",
            "adjudication_reason",
        ]
    )
    audit.record(
        actor=actor,
        verb="match.adjudicated",
        target=locked,
        about=[locked.profile, locked.designation],
        changes={"adjudication": [before, verdict]},
    )
    return locked
