"""Whose account a person of the provider opens.

By their e-mail the first time, where the provider says that it is verified; from then on by the
provider's own name for them alone. Nobody signs up, and nothing moves an account.
"""

from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import ProviderIdentity, User
from accounts.openid import Claims, SignInStopped


class PersonRefused(SignInStopped):
    """Somebody whom the provider knows, and who does not come in by it."""

    code = "sso_person_refused"


@transaction.atomic
def person_of(claims: Claims) -> User:
    """Return the open account of this person. The first time, the two are linked for good.

    Raises `PersonRefused`, which names the account where there is one.
    """
    known = (
        ProviderIdentity.objects.standing()
        .filter(issuer=claims.issuer, subject=claims.subject)
        .select_related("user")
        .first()
    )
    if known is not None:
        return _open(known.user)
    return _link(claims)


def end_all(*, actor: Actor, user: User, at: datetime) -> None:
    """Forget who a person is to the provider, inside the transaction of their departure.

    The account that opens again belongs to whoever takes up the new invitation.
    """
    for identity in user.provider_identities.standing():
        identity.ended_at = at
        identity.save(update_fields=["ended_at"])
        audit.record(actor=actor, verb="end_identity", target=identity, about=[user])


def _link(claims: Claims) -> User:
    if not claims.email_is_verified:
        raise PersonRefused(
            "Your e-mail address is not verified there, so it opens no account here. Sign in "
            "with your password or passkey."
        )
    user = User.objects.select_for_update(no_key=True).filter(email__iexact=claims.email).first()
    if user is None:
        raise PersonRefused(
            "Nobody here has your e-mail address. People are invited by an administrator."
        )
    _open(user)
    linked = user.provider_identities.standing().filter(issuer=claims.issuer).first()
    if linked is not None and linked.subject == claims.subject:
        return user  # a second tab was quicker
    if linked is not None:
        raise PersonRefused(
            "Your e-mail address belongs to an account that somebody else there signs in to. "
            "Ask an administrator."
        ).about(user)
    identity = ProviderIdentity.objects.create(
        user=user, issuer=claims.issuer, subject=claims.subject
    )
    audit.record(
        actor=user,
        verb="link_identity",
        target=identity,
        about=[user],
        changes={"issuer": claims.issuer},
    )
    return user


def _open(user: User) -> User:
    if not user.is_active:
        raise PersonRefused(
            "Your account here is closed. An administrator can tell you why, and invite you again."
        ).about(user)
    if not user.has_usable_password():
        raise PersonRefused("Open your account first, by the link of your invitation.").about(user)
    return user
