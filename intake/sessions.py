"""A reporter's session: typed answers and an open inbox, sealed under a half the cookie holds.

The cookie carries two random halves. The hash of the first finds the row; the second, kept
nowhere else, opens it. Without the cookie a row tells nothing but that it ends soon.
"""

import base64
import binascii
import json
import secrets
from typing import Any

from django.db import connection

from intake import terms
from intake.envelopes import NotOpened, open_bytes, seal_bytes

COOKIE_NAME = "__Host-form"
HALF_BYTES = 32
BINDING = b"v1|intake_zonesession|content|"


class Visit:
    """What a reporter's visit holds, as a dictionary of plain values in `content`.

    Nothing is stored, and no cookie is set, before something is put into it.
    """

    def __init__(self, find_half: bytes = b"", open_half: bytes = b"") -> None:
        self.find_half = find_half
        self.open_half = open_half
        self.content: dict[str, Any] = {}
        self.keep_as_it_is = False

    @classmethod
    def read(cls, cookie: str) -> "Visit":
        """Return the session a cookie opens, or an empty one."""
        try:
            halves = base64.urlsafe_b64decode(cookie + "==")
        except (binascii.Error, ValueError):
            return cls()
        if len(halves) != 2 * HALF_BYTES:
            return cls()
        session = cls(halves[:HALF_BYTES], halves[HALF_BYTES:])
        with connection.cursor() as cursor:
            cursor.execute("SELECT intake_session_read(%s)", [session.find_half])
            (sealed,) = cursor.fetchone()
        if sealed is None:
            return cls()
        try:
            opened = open_bytes(session.open_half, bytes(sealed), session._binding())
        except NotOpened:
            return cls()
        session.content = json.loads(opened)
        return session

    def store(self) -> str:
        """Store the session for another 20 minutes. Return its cookie, empty without content."""
        if not self.content:
            self.end()
            return ""
        if not self.find_half:
            self.find_half = secrets.token_bytes(HALF_BYTES)
            self.open_half = secrets.token_bytes(HALF_BYTES)
        if not self.keep_as_it_is:
            # Escaped letters would be six bytes each and overflow the largest padded size.
            written = json.dumps(self.content, ensure_ascii=False).encode()
            sealed = seal_bytes(self.open_half, written, self._binding())
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT intake_session_write(%s, %s, %s)",
                    [self.find_half, sealed, terms.SESSION_IDLE_MINUTES],
                )
        halves = base64.urlsafe_b64encode(self.find_half + self.open_half)
        return halves.decode("ascii").rstrip("=")

    def renew(self) -> None:
        """Go on under a fresh cookie. What belongs to the session moves along."""
        old_half = self.find_half
        self.find_half = secrets.token_bytes(HALF_BYTES)
        self.open_half = secrets.token_bytes(HALF_BYTES)
        if old_half:
            with connection.cursor() as cursor:
                cursor.execute("SELECT intake_session_move(%s, %s)", [old_half, self.find_half])

    def end(self) -> None:
        """Erase the session. Its row goes at once."""
        if self.find_half:
            with connection.cursor() as cursor:
                cursor.execute("SELECT intake_session_end(%s)", [self.find_half])
        self.find_half = self.open_half = b""
        self.content = {}

    def _binding(self) -> bytes:
        return BINDING + self.find_half
