"""Say what a match turned out to be."""

from django.utils import timezone

from accounts import audit
from accounts.models import User
from sanctions.models import Match


def adjudicate(*, actor: User, match: Match, verdict: Match.Adjudication, reason: str) -> Match:
    """Record a person's verdict on one match. Call it inside the decision's transaction."""
    before = match.adjudication
    match.adjudication = verdict
    match.adjudicated_by = actor
    match.adjudicated_at = timezone.now()
    match.adjudication_reason = reason
    match.save(
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
        target=match,
        about=[match.profile, match.designation],
        changes={"adjudication": [before, verdict]},
    )
    return match
