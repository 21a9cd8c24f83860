"""Letting people in and out: invitations, and closing an account."""

from datetime import timedelta

from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import transaction
from django.utils import timezone

from accounts import audit, grants, identities, links, resets, teams
from accounts.actors import Actor, Service
from accounts.models import DeskSession, Invitation, User
from accounts.refusals import NotAllowed, Refusal

INVITATION_LASTS = timedelta(days=7)
PURPOSE = "accounts.invitation"


class InvitationRefused(Refusal):
    """An invitation that nobody can take: expired, used, revoked, unknown or not needed."""

    code = "invitation_refused"


def _may_manage(actor: Actor) -> None:
    if not isinstance(actor, Service) and not actor.has_perm("accounts.manage_people"):
        raise NotAllowed("Only administrators invite people and close accounts.")


@transaction.atomic
def invite(*, actor: Actor, email: str, name: str) -> tuple[Invitation, str]:
    """Invite a person and return the token of their link, which is shown once.

    The link works once, for seven days. A new one for the same address ends the old one.
    """
    _may_manage(actor)
    email = email.strip().lower()
    known = User.objects.filter(email__iexact=email).first()
    if known and known.is_active and known.has_usable_password():
        raise InvitationRefused("This person works here already.")
    now = timezone.now()
    Invitation.objects.filter(
        email__iexact=email, accepted_at__isnull=True, revoked_at__isnull=True
    ).update(revoked_at=now)
    token, digest = links.make(PURPOSE)
    invitation = Invitation.objects.create(
        email=email,
        name=name.strip(),
        digest=digest,
        invited_by=None if isinstance(actor, Service) else actor,
        invited_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    audit.record(
        actor=actor,
        verb="invite",
        target=invitation,
        changes={"expires_at": invitation.expires_at.isoformat()},
    )
    return invitation, token


def invitation_of(token: str) -> Invitation:
    """Return the open invitation of a link, or refuse with what to do."""
    try:
        digest = links.digest_of(token, PURPOSE)
    except signing.BadSignature as error:
        raise InvitationRefused("This link is damaged. Copy it again, whole.") from error
    invitation = Invitation.objects.filter(digest=digest).first()
    if invitation is None or invitation.revoked_at is not None:
        raise InvitationRefused("This link no longer works. Ask an administrator for a new one.")
    if invitation.accepted_at is not None:
        raise InvitationRefused("This link was used already. Sign in, or ask for a new one.")
    if invitation.expires_at <= timezone.now():
        raise InvitationRefused("This link has expired. Ask an administrator for a new one.")
    return invitation


@transaction.atomic
def accept(*, token: str, password: str) -> User:
    """Take up an invitation: the account opens with this password and without any role.

    A closed account opens again the same way. It does not get its old roles back.
    Raises `ValidationError` where the password is too weak.
    """
    found = invitation_of(token)
    Invitation.objects.select_for_update().get(pk=found.pk)
    invitation = invitation_of(token)
    user = User.objects.filter(email__iexact=invitation.email).first() or User(
        email=invitation.email
    )
    user.name = invitation.name
    user.is_active = True
    validate_password(password, user)
    user.set_password(password)
    user.save()
    invitation.accepted_at = timezone.now()
    invitation.user = user
    invitation.save(update_fields=["accepted_at", "user"])
    audit.record(actor=user, verb="accept_invitation", target=invitation, about=[user])
    return user


@transaction.atomic
def revoke_invitation(*, actor: User, invitation: Invitation) -> Invitation:
    """End a link before it is used. Twice is no error."""
    _may_manage(actor)
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at is not None:
        raise InvitationRefused("This link was used already. Close the account instead.")
    if locked.revoked_at is None:
        locked.revoked_at = timezone.now()
        locked.save(update_fields=["revoked_at"])
        audit.record(actor=actor, verb="revoke_invitation", target=locked)
    return locked


@transaction.atomic
def deactivate(*, actor: User, user: User, reason: str) -> User:
    """Close an account: roles, teams, tokens and sessions end in the same transaction.

    Leases belong to the desk. It calls this inside its own transaction, after it has released
    them and handed the cases over, so that one of the two is never done without the other.
    """
    _may_manage(actor)
    if actor == user:
        raise NotAllowed("Nobody closes their own account. Ask another administrator.")
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not locked.is_active:
        raise grants.AlreadyDecided("This account is closed already.").about(locked)
    now = timezone.now()
    for grant in locked.role_grants.exclude(ends_at__lte=now):
        grants.end(actor=actor, grant=grant, reason=reason)
    tokens = locked.api_tokens.filter(revoked_at__isnull=True).update(revoked_at=now)
    sessions, _ = DeskSession.objects.filter(user=locked).delete()
    identities.end_all(actor=actor, user=locked, at=now)
    resets.withdraw_all(actor=actor, user=locked)
    teams.leave_all(actor=actor, user=locked, reason=reason)
    locked.is_active = False
    locked.save(update_fields=["is_active"])
    audit.record(
        actor=actor,
        verb="deactivate",
        target=locked,
        changes={"tokens": tokens, "sessions": sessions},
        reason=reason,
    )
    return locked
