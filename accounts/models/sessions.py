from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models

from accounts.models.users import User


class DeskSessionManager(BaseSessionManager["DeskSession"]):
    pass


class DeskSession(AbstractBaseSession):
    """Django's session, and whose it is. No address and no browser is kept."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="desk_sessions"
    )
    signed_in_at = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from accounts.sessions import SessionStore  # the store imports this model

        return SessionStore
