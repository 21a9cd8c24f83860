"""What waits for a second administrator, as the pages show it."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.models import GrantProposal, SecondFactorReset, User


@dataclass(frozen=True, slots=True)
class Waiting:
    """A wish that waits, and why this reader cannot agree to it where they cannot."""

    key: int
    title: str
    asked_by: str
    asked_at: datetime
    until: str
    reason: str
    is_own: bool
    hindrance: str
    approve_url: str
    refuse_url: str
    withdraw_url: str


def grants_waiting(reader: User) -> list[Waiting]:
    """Sensitive roles that one administrator asked for."""
    proposals = GrantProposal.objects.filter(state=GrantProposal.State.PENDING).select_related(
        "user", "proposed_by"
    )
    return [
        _waiting(
            proposal.pk,
            reader,
            kind="grant",
            about=proposal.user,
            asked_by=proposal.proposed_by,
            asked_at=proposal.proposed_at,
            title=str(proposal),
            until=f"until {proposal.ends_at:%d %b %Y}" if proposal.ends_at else "without an end",
            reason=proposal.reason,
            yours="This role would be yours. Someone else must agree.",
        )
        for proposal in proposals.order_by("proposed_at")
    ]


def resets_waiting(reader: User) -> list[Waiting]:
    """Second factors that one administrator asked to take away."""
    resets = SecondFactorReset.objects.filter(state=SecondFactorReset.State.PENDING).select_related(
        "user", "asked_by"
    )
    return [
        _waiting(
            reset.pk,
            reader,
            kind="reset",
            about=reset.user,
            asked_by=reset.asked_by,
            asked_at=reset.asked_at,
            title=f"Reset the second factor of {reset.user}",
            until="their sessions end",
            reason=reset.reason,
            yours="This account is yours. Someone else must agree.",
        )
        for reset in resets.order_by("asked_at")
    ]


def _waiting(
    key: int,
    reader: User,
    *,
    kind: str,
    about: User,
    asked_by: User | None,
    asked_at: datetime,
    title: str,
    until: str,
    reason: str,
    yours: str,
) -> Waiting:
    hindrance = ""
    if asked_by == reader:
        hindrance = "You asked for this. Someone else must agree."
    elif about == reader:
        hindrance = yours
    elif not reader.has_perm("accounts.grant_role"):
        hindrance = "An administrator must agree."
    return Waiting(
        key=key,
        title=title,
        asked_by=str(asked_by or "the command line"),
        asked_at=asked_at,
        until=until,
        reason=reason,
        is_own=asked_by == reader,
        hindrance=hindrance,
        approve_url=reverse(f"accounts:approve_{kind}", args=[key]),
        refuse_url=reverse(f"accounts:refuse_{kind}", args=[key]),
        withdraw_url=reverse(f"accounts:withdraw_{kind}", args=[key]),
    )
