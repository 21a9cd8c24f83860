"""Sessions with an owner, so that people see theirs and end them.

This module is Django's `SESSION_ENGINE`.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import DeskSession, User
from accounts.refusals import NotAllowed

# Marks a session that showed the link of a reset: the person enrols before anything else.
ENROLS_ANEW = "enrols_anew"


class SessionStore(DatabaseSessionStore):
    """Django's database sessions, with the person who signed in beside them."""

    @classmethod
    def get_model_class(cls) -> type[DeskSession]:
        return DeskSession

    def create_model_instance(self, data: dict[str, Any]) -> DeskSession:
        session = super().create_model_instance(data)
        assert isinstance(session, DeskSession)  # noqa: S101  get_model_class says so
        owner = data.get(SESSION_KEY)
        session.user_id = int(owner) if owner else None
        steps = data.get(AUTHENTICATION_METHODS_SESSION_KEY)
        if steps:
            session.signed_in_at = datetime.fromtimestamp(steps[0]["at"], tz=UTC)
        return session


def reference(session: DeskSession) -> str:
    """Name a session without giving away its key, which opens it."""
    return hashlib.sha256(session.session_key.encode()).hexdigest()[:16]


def of(user: User) -> list[DeskSession]:
    """Return the sessions of a person that can still be used, newest sign-in first."""
    sessions = DeskSession.objects.filter(user=user, expire_date__gt=timezone.now())
    return sorted(sessions, key=lambda session: session.expire_date, reverse=True)


@transaction.atomic
def revoke(*, actor: User, user: User, wanted: str | None = None, kept: str | None = None) -> int:
    """End sessions of a person at once, and return how many.

    `wanted` is the reference of the one to end, every one unless given. `kept` is the key of a
    session that stays. People end their own; whoever manages people ends anybody's.
    """
    if actor != user and not actor.has_perm("accounts.manage_people"):
        raise NotAllowed("You can end your own sessions only.").about(user)
    ended = [
        session.session_key
        for session in of(user)
        if session.session_key != kept and wanted in (None, reference(session))
    ]
    DeskSession.objects.filter(session_key__in=ended).delete()
    if ended:
        audit.record(
            actor=actor, verb="end_sessions", target=user, changes={"sessions": len(ended)}
        )
    return len(ended)
