"""Proof that somebody took a moment: a computed one (ALTCHA), or a sum without JavaScript.

The library accepts a solved challenge again and again, so each one is spent in the database
when it is used (`SpentChallenge`). A challenge is bound to the reporter's session.
"""

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
from django.conf import settings
from django.db import IntegrityError, transaction

from intake import terms
from intake.models import SpentChallenge

# About half a second of a phone's time.
HARDEST_NUMBER = 50_000
PAYLOAD_TYPES = {
    "algorithm": str,
    "challenge": str,
    "number": int,
    "salt": str,
    "signature": str,
}


class AlreadySpent(Exception):
    """A proof that was used before."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One sum and one ALTCHA challenge. Solving either is enough, and spends both."""

    token: str
    one: int
    other: int
    altcha: dict[str, Any]

    def solved_by(self, *, answer: str, payload: str) -> bool:
        """Tell whether the sum is right, or the payload solves the ALTCHA challenge."""
        given = answer.strip()
        if given.isdecimal() and len(given) < 4 and int(given) == self.one + self.other:
            return True
        return self._computed(payload)

    def digest(self) -> bytes:
        return hashlib.sha256(self.token.encode()).digest()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def _computed(self, payload: str) -> bool:
        try:
            given = json.loads(base64.b64decode(payload, validate=True))
        except (binascii.Error, ValueError):
            return False
        if not isinstance(given, dict) or any(
            type(given.get(name)) is not kind for name, kind in PAYLOAD_TYPES.items()
        ):
            return False
        if given["challenge"] != self.altcha["challenge"]:
            return False
        solved, _ = altcha.verify_solution_v1(
            altcha.PayloadV1(
                algorithm=self.altcha["algorithm"],
                challenge=self.altcha["challenge"],
                number=given["number"],
                salt=self.altcha["salt"],
                signature=self.altcha["signature"],
            ),
            _key(),
        )
        return solved


def new_challenge() -> Challenge:
    """Draw a sum and a challenge. They end with the session."""
    drawn = altcha.create_challenge_v1(
        altcha.ChallengeOptionsV1(
            algorithm="SHA-256",
            max_number=HARDEST_NUMBER,
            hmac_key=_key(),
            expires=datetime.now(UTC) + timedelta(minutes=terms.SESSION_IDLE_MINUTES),
        )
    )
    return Challenge(
        token=secrets.token_hex(16),
        one=secrets.randbelow(9) + 2,
        other=secrets.randbelow(9) + 2,
        altcha={
            "algorithm": drawn.algorithm,
            "challenge": drawn.challenge,
            "maxnumber": HARDEST_NUMBER,
            "salt": drawn.salt,
            "signature": drawn.signature,
        },
    )


def spend(challenge: Challenge) -> None:
    """Use a solved challenge up. Raises `AlreadySpent` the second time, under concurrency too."""
    try:
        with transaction.atomic():
            SpentChallenge(digest=challenge.digest()).save(force_insert=True)
    except IntegrityError as error:
        raise AlreadySpent from error


def _key() -> str:
    return hashlib.sha256(f"intake proof|{settings.SECRET_KEY}".encode()).hexdigest()
