"""One attempt at one enforcement: what is said to the platform, and what it means.

Nothing in here touches the database. The connector's failures become an `Outcome`, which
tells apart what was not done, what was refused, and what nobody knows.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from platforms.connectors.base import (
    AccountReading,
    AnswerUnknown,
    Connector,
    ConnectorRateLimited,
    ConnectorRefused,
    ConnectorUnavailable,
)
from platforms.connectors.registry import open_connector
from platforms.models import Enforcement, Platform
from platforms.observations import is_in_effect

State = Enforcement.State

FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 300.0
REFUSED_RETRY_SECONDS = 3600.0
"""A platform that said no is asked again every hour, until a person ends it (rule 11)."""

STALLED_AFTER_SECONDS = 10.0
"""A claim this old is not sent: what it was checked against may have changed since."""

REPLAYS_UNTIL_UNDONE = 3
"""So many attempts tell a reading that lags from an action that somebody undid."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One enforcement that one worker may send now. `attempt` tells it from a later claim."""

    enforcement_id: int
    profile_id: int
    platform: Platform
    external_id: str
    action: str
    territory: str
    reason_code: str
    idempotency_key: str
    attempt: int
    before: Enforcement.State
    claimed_at: datetime

    @property
    def reference(self) -> str:
        """What the platform can ask us about. It names no person and no list."""
        return f"EN-{self.enforcement_id}"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of an attempt. `reading` is the account as it was read last, if it was."""

    state: Enforcement.State
    problem: str = ""
    retry_in_seconds: float = 0.0
    reading: AccountReading | None = None
    platform_answered: bool = True
    wait_seconds: float | None = None
    """The platform asked everyone to wait so long."""
    was_undone: bool = False
    """It was applied under this key before, and is not in effect any more."""


def attempt(claim: Claim) -> Outcome:
    """Make the call and read the account back.

    An attempt after the first one reads first: an answer that was lost may have been a yes.
    """
    conversation = _Conversation(claim)
    retry_in_seconds = _backoff_seconds(claim.attempt)
    try:
        with open_connector(
            claim.platform.connector,
            base_url=claim.platform.base_url,
            token_reference=claim.platform.token_reference,
        ) as connector:
            return conversation.hold(connector)
    except ConnectorRateLimited as error:
        return Outcome(
            state=conversation.state_without_answer,
            problem=str(error),
            retry_in_seconds=error.retry_after_seconds,
            wait_seconds=error.retry_after_seconds,
        )
    except ConnectorUnavailable as error:
        return Outcome(
            state=conversation.state_without_answer,
            problem=str(error),
            retry_in_seconds=retry_in_seconds,
            platform_answered=False,
        )
    except ConnectorRefused as error:
        return Outcome(
            state=State.FAILED,
            problem=f"The platform refuses: {error}",
            retry_in_seconds=REFUSED_RETRY_SECONDS,
        )
    except AnswerUnknown as error:
        return Outcome(
            state=State.UNKNOWN,
            problem=str(error),
            retry_in_seconds=retry_in_seconds,
            platform_answered=False,
        )


class _Conversation:
    """The steps of one attempt, and what is true if the next step gets no answer."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        # Silence now does not tell more than was known before.
        self.state_without_answer = State.UNKNOWN if claim.before == State.UNKNOWN else State.FAILED

    def hold(self, connector: Connector) -> Outcome:
        claim = self.claim
        if claim.before != State.APPROVED:
            reading = connector.read(external_id=claim.external_id)
            if self._shows_in(reading):
                return Outcome(state=State.CONFIRMED, reading=reading)
        if (timezone.now() - claim.claimed_at).total_seconds() > STALLED_AFTER_SECONDS:
            return Outcome(state=self.state_without_answer, problem="The worker was too slow.")
        reply = connector.act(
            external_id=claim.external_id,
            action=claim.action,
            territory=claim.territory,
            reason_code=claim.reason_code,
            reference=claim.reference,
            idempotency_key=claim.idempotency_key,
        )
        self.state_without_answer = State.UNKNOWN
        reading = connector.read(external_id=claim.external_id)
        if self._shows_in(reading):
            return Outcome(state=State.CONFIRMED, reading=reading)
        return Outcome(
            state=State.FAILED,
            problem=f"The platform says done, and the account reads as {reading.state}.",
            retry_in_seconds=_backoff_seconds(claim.attempt),
            reading=reading,
            was_undone=reply.is_replay and claim.attempt >= REPLAYS_UNTIL_UNDONE,
        )

    def _shows_in(self, reading: AccountReading) -> bool:
        return is_in_effect(reading, action=self.claim.action, territory=self.claim.territory)


def _backoff_seconds(attempt: int) -> float:
    longest = min(FIRST_RETRY_SECONDS * 2 ** min(attempt - 1, 20), LONGEST_RETRY_SECONDS)
    # Jitter keeps a thousand retries from arriving together; it is no secret.
    return longest * random.uniform(0.5, 1.0)  # noqa: S311
