"""Who gets a role, who agrees, and how it ends.

Nobody grants to themselves. A sensitive role takes two administrators, neither of them the
receiver. The last two administrators stay. The database holds each of these rules too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import COMMAND_LINE
from accounts.models import AccessReview, Bootstrap, GrantProposal, RoleGrant, User
from accounts.refusals import NotAllowed, Refusal
from accounts.roles import SENSITIVE_ROLES, Role, forbidden_together

State = GrantProposal.State


class GrantRefused(Refusal):
    """A grant that cannot be: a closed account, a role already held, an end in the past."""

    code = "grant_refused"


class RolesForbiddenTogether(Refusal):
    """Two roles that one person must not hold."""

    code = "roles_forbidden_together"


class TakesTwoAdministrators(Refusal):
    """A sensitive role needs a second administrator, who is neither granter nor receiver."""

    code = "takes_two_administrators"
    status = 403


class LastAdministrators(Refusal):
    """A desk without two administrators could grant no sensitive role any more."""

    code = "last_administrators"

    def __init__(self) -> None:
        super().__init__(
            "At least two administrators without an end date stay. Grant the role to "
            "somebody else first."
        )


class AlreadyDecided(Refusal):
    """A proposal is decided once, and a grant ends once."""

    code = "already_decided"


_BY_SQLSTATE: dict[str, type[Refusal]] = {
    "HF201": RolesForbiddenTogether,
    "HF202": TakesTwoAdministrators,
    "HF204": AlreadyDecided,
    "HF205": GrantRefused,
    "HF206": GrantRefused,
}


@contextmanager
def _database_refusals() -> Iterator[None]:
    """Turn what the guards of the database say into the refusal it is."""
    try:
        yield
    except DatabaseError as error:
        cause = error.__cause__
        if not isinstance(cause, psycopg.Error):
            raise
        if cause.sqlstate == "HF203":
            raise LastAdministrators from error
        refusal = _BY_SQLSTATE.get(cause.sqlstate or "")
        if refusal is None:
            raise
        raise refusal(cause.diag.message_primary or "The database refused this.") from error


def propose(
    *, actor: User, user: User, role: Role, reason: str, ends_at: datetime | None = None
) -> GrantProposal:
    """Ask that a person hold a role. An ordinary role is theirs at once; a sensitive one waits.

    Where the person holds the role until a date, the new grant begins at that date.
    """
    with _database_refusals(), transaction.atomic():
        receiver = _locked_receiver(user)
        _may_grant(actor)
        if actor == receiver:
            raise NotAllowed("Nobody grants a role to themselves. Ask another administrator.")
        if ends_at is not None and ends_at <= timezone.now():
            raise GrantRefused("The end lies in the past. Choose a later date, or none.")
        _starts_at(receiver, role, ends_at)
        _separate(receiver, role)
        if receiver.grant_proposals.filter(role=role, state=State.PENDING).exists():
            raise GrantRefused("This role already waits for a second person.")
        proposal = GrantProposal.objects.create(
            user=receiver, role=role, reason=reason, ends_at=ends_at, proposed_by=actor
        )
        audit.record(
            actor=actor,
            verb="propose_grant",
            target=proposal,
            about=[receiver],
            changes={"role": role, "ends_at": _when(ends_at)},
            reason=reason,
        )
        if role not in SENSITIVE_ROLES:
            _settle(proposal, State.APPROVED, actor=actor, approved_by=None)
    return proposal


def approve(*, actor: User, proposal: GrantProposal) -> RoleGrant:
    """Agree to a sensitive grant as the second administrator. The role counts from now."""
    with _database_refusals(), transaction.atomic():
        receiver = _locked_receiver(proposal.user)
        locked = _locked_proposal(proposal)
        _may_grant(actor)
        if actor == locked.proposed_by:
            raise TakesTwoAdministrators("You asked for this. Someone else must agree.")
        if actor == receiver:
            raise TakesTwoAdministrators("This role would be yours. Someone else must agree.")
        if locked.ends_at is not None and locked.ends_at <= timezone.now():
            raise GrantRefused("The end that was asked for has passed. Ask for the role anew.")
        _separate(receiver, Role(locked.role))
        return _settle(locked, State.APPROVED, actor=actor, approved_by=actor)


def refuse(*, actor: User, proposal: GrantProposal, reason: str) -> GrantProposal:
    """Say no to a proposal. One administrator is enough, other than the one who asked."""
    with transaction.atomic():
        locked = _locked_proposal(proposal)
        _may_grant(actor)
        if actor == locked.proposed_by:
            raise NotAllowed("You asked for this. Withdraw it instead.").about(locked)
        _close(locked, State.REFUSED, actor=actor, reason=reason)
    return locked


def withdraw(*, actor: User, proposal: GrantProposal) -> GrantProposal:
    """Take back one's own proposal while it waits."""
    with transaction.atomic():
        locked = _locked_proposal(proposal)
        if actor != locked.proposed_by:
            raise NotAllowed("Only who asked can withdraw this.").about(locked)
        _close(locked, State.WITHDRAWN, actor=actor, reason="")
    return locked


def end(*, actor: User, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a role now. It is off at the person's next request."""
    with _database_refusals(), transaction.atomic():
        _locked_receiver(grant.user)
        locked = RoleGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
        _may_grant(actor)
        now = timezone.now()
        if locked.ends_at is not None and locked.ends_at <= now:
            raise AlreadyDecided("This grant has ended already.").about(locked)
        # A grant that has not begun ends where it would have begun: it never counts.
        locked.ends_at = max(now, locked.starts_at)
        locked.ended_by = actor
        locked.end_reason = reason
        locked.save(update_fields=["ends_at", "ended_by", "end_reason"])
        audit.record(
            actor=actor,
            verb="end_grant",
            target=locked,
            about=[locked.user],
            changes={"role": locked.role, "ends_at": _when(locked.ends_at)},
            reason=reason,
        )
    return locked


def review(
    *, actor: User, grant: RoleGrant, outcome: AccessReview.Outcome, reason: str
) -> AccessReview:
    """Say whether a grant is still needed, as is asked every 90 days. `END` ends it at once."""
    with transaction.atomic():
        locked = RoleGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
        _may_grant(actor)
        if actor.pk == locked.user_id:
            raise NotAllowed("Nobody reviews their own roles.").about(locked)
        if outcome == AccessReview.Outcome.END:
            end(actor=actor, grant=locked, reason=reason)
        written = AccessReview.objects.create(
            grant=locked, reviewed_by=actor, outcome=outcome, reason=reason
        )
        audit.record(
            actor=actor,
            verb="review_grant",
            target=locked,
            about=[locked.user],
            changes={"outcome": outcome},
            reason=reason,
        )
    return written


def bootstrap(*, first: User, second: User) -> None:
    """Name the first two administrators. It works once; from then on, grants have granters."""
    if first == second:
        raise GrantRefused("Name two different people.")
    with _database_refusals(), transaction.atomic():
        if Bootstrap.objects.exists():
            raise AlreadyDecided("The first administrators were named before.")
        for person in (first, second):
            grant = RoleGrant.objects.create(
                user=person, role=Role.ADMINISTRATOR, reason="First administrators of this desk"
            )
            audit.record(
                actor=COMMAND_LINE,
                verb="bootstrap_administrator",
                target=grant,
                about=[person],
                changes={"role": Role.ADMINISTRATOR},
            )
        Bootstrap.objects.create()


def _may_grant(actor: User) -> None:
    if not actor.has_perm("accounts.grant_role"):
        raise NotAllowed("Only administrators grant, review and end roles.")


def _locked_receiver(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _locked_proposal(proposal: GrantProposal) -> GrantProposal:
    return (
        GrantProposal.objects.select_related("user", "proposed_by")
        .select_for_update(of=("self",))
        .get(pk=proposal.pk)
    )


def _separate(receiver: User, role: Role) -> None:
    """Refuse a role that must not meet one that the person holds or will hold."""
    if not receiver.is_active:
        raise GrantRefused(f"{receiver}'s account is closed. Invite them again first.")
    now = timezone.now()
    for held in receiver.role_grants.exclude(ends_at__lte=now):
        if why := forbidden_together(role, Role(held.role)):
            raise RolesForbiddenTogether(
                f"{receiver} is {held.get_role_display().lower()} and cannot also be "
                f"{role.label.lower()}. {why}"
            )


def _starts_at(receiver: User, role: Role, ends_at: datetime | None) -> datetime:
    """Return when a new grant begins: now, or where the one that the person holds ends."""
    now = timezone.now()
    latest = now
    for held in receiver.role_grants.filter(role=role).exclude(ends_at__lte=now):
        if held.ends_at is None:
            raise GrantRefused(f"{receiver} already holds this role, without an end.")
        latest = max(latest, held.ends_at)
    if ends_at is not None and ends_at <= latest:
        raise GrantRefused(f"{receiver} already holds this role until {latest:%d %b %Y}.")
    return latest


def _settle(
    proposal: GrantProposal, state: State, *, actor: User, approved_by: User | None
) -> RoleGrant:
    """Make the grant of an approved proposal."""
    role = Role(proposal.role)
    _check_transition(proposal, state)
    grant = RoleGrant.objects.create(
        user=proposal.user,
        role=role,
        reason=proposal.reason,
        granted_by=proposal.proposed_by,
        approved_by=approved_by,
        starts_at=_starts_at(proposal.user, role, proposal.ends_at),
        ends_at=proposal.ends_at,
    )
    proposal.grant = grant
    _close(proposal, state, actor=actor, reason="")
    audit.record(
        actor=actor,
        verb="grant_role",
        target=grant,
        about=[proposal.user, proposal],
        changes={"role": role, "ends_at": _when(grant.ends_at)},
        reason=proposal.reason,
    )
    return grant


def _close(proposal: GrantProposal, state: State, *, actor: User, reason: str) -> None:
    _check_transition(proposal, state)
    proposal.state = state
    proposal.decided_by = actor
    proposal.decided_at = timezone.now()
    proposal.decision_reason = reason
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decision_reason", "grant"])
    if state != State.APPROVED:
        audit.record(
            actor=actor,
            verb=f"{state}_grant",
            target=proposal,
            about=[proposal.user],
            changes={"state": state},
            reason=reason,
        )


def _check_transition(proposal: GrantProposal, state: State) -> None:
    if state not in GrantProposal.TRANSITIONS[proposal.state]:
        raise AlreadyDecided(f"This was {proposal.get_state_display().lower()} already.").about(
            proposal
        )


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
