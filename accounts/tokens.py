"""API tokens: make one, find one, end one."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor, Service
from accounts.models import ApiToken, User
from accounts.refusals import NotAllowed, Refusal
from accounts.roles import ALL_PERMISSIONS

LIFETIME_AT_MOST_DAYS = 366
# The time of last use is for people who clean up. A write per call would cost more than it tells.
LAST_USE_EVERY = timedelta(minutes=10)
PREFIX_LENGTH = 11


class TokenRefused(Refusal):
    """A token that would open too much, or for too long."""

    code = "token_refused"


def digest_of(secret: str) -> str:
    """Return the SHA-256 that is stored. The secret has 256 random bits, so no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def create(
    *, actor: Actor, user: User, name: str, scopes: Collection[str], days: int
) -> tuple[ApiToken, str]:
    """Make a token and return it with its secret, which is shown once and kept nowhere.

    A person makes tokens for themselves only. A scope is a permission that the owner has now.
    """
    owner = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not isinstance(actor, Service) and actor != owner:
        raise NotAllowed("You can make tokens for yourself only.")
    if not owner.is_active:
        raise TokenRefused("This account is closed.")
    if not 1 <= days <= LIFETIME_AT_MOST_DAYS:
        raise TokenRefused(f"A token lasts between 1 and {LIFETIME_AT_MOST_DAYS} days.")
    wanted = set(scopes)
    if not wanted:
        raise TokenRefused("Choose at least one scope.")
    if unknown := wanted - ALL_PERMISSIONS:
        raise TokenRefused(f"There is no scope named {', '.join(sorted(unknown))}.")
    if missing := wanted - owner.desk_permissions:
        raise TokenRefused(f"{owner} does not have {', '.join(sorted(missing))}.")
    secret = f"hf_{secrets.token_urlsafe(32)}"
    now = timezone.now()
    token = ApiToken.objects.create(
        user=owner,
        name=name,
        prefix=secret[:PREFIX_LENGTH],
        digest=digest_of(secret),
        scopes=sorted(wanted),
        created_by=None if isinstance(actor, Service) else actor,
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    audit.record(
        actor=actor,
        verb="create_token",
        target=token,
        about=[owner],
        changes={"scopes": token.scopes, "expires_at": token.expires_at.isoformat()},
    )
    return token, secret


@transaction.atomic
def revoke(*, actor: User, token: ApiToken) -> ApiToken:
    """End a token at once. Its owner may, and whoever manages people. Twice is no error."""
    locked = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
    if locked.user_id != actor.pk and not actor.has_perm("accounts.manage_people"):
        raise NotAllowed("You can revoke your own tokens only.").about(locked)
    if locked.revoked_at is None:
        locked.revoked_at = timezone.now()
        locked.save(update_fields=["revoked_at"])
        audit.record(actor=actor, verb="revoke_token", target=locked, about=[locked.user])
    return locked


def authenticate(secret: str) -> ApiToken | None:
    """Return the usable token of this secret, with its owner limited to its scopes."""
    token = (
        ApiToken.objects.usable().select_related("user").filter(digest=digest_of(secret)).first()
    )
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > LAST_USE_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    token.user.limit_to(token.scopes)
    return token
