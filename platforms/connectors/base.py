"""What every connector can do, what it answers, and how it fails. No Django in here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self


class AccountState(StrEnum):
    """The states of the connector API (docs/connector-api.md)."""

    ACTIVE = "active"
    WITHHELD = "withheld"
    SUSPENDED = "suspended"
    SUSPENDED_BY_PLATFORM = "suspended_by_platform"
    DEACTIVATED = "deactivated"
    GONE = "gone"


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a platform can do, and what its suspension means."""

    platform: str
    actions: frozenset[str]
    blocks_sign_in: bool
    hides_content: bool
    reversible_until_days: int | None
    """Days for which a suspension can be undone without loss; None is for ever."""
    page_limit: int
    batch_read_limit: int


@dataclass(frozen=True, kw_only=True)
class AccountReading:
    """One account as the platform answered.

    `read_at` is when we asked, by our clock: the account was like this then or later, so
    that a reading never hides what was recorded in between.
    """

    external_id: str
    state: AccountState
    read_at: datetime
    handle: str = ""
    display_name: str = ""
    bio: str = ""
    links: tuple[str, ...] = ()
    country: str = ""
    date_of_birth: str = ""
    followers: int = 0
    is_verified: bool = False
    image_fingerprints: tuple[str, ...] = ()
    created_at: datetime | None = None
    withheld_in: frozenset[str] = frozenset()
    is_labelled: bool = False
    is_monetised: bool = True
    updated_at: datetime | None = None

    @property
    def has_profile(self) -> bool:
        """Whether the platform sent profile fields, and not only that the account is gone."""
        return bool(self.handle)


@dataclass(frozen=True)
class AccountPage:
    """One page of the platform's list, and what was wrong with the accounts left out of it."""

    readings: list[AccountReading] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ActionReply:
    """What the platform said to an action. It is a claim: only a reading confirms it."""

    changed: bool
    is_replay: bool
    reversible_until: datetime | None
    state: AccountState


class ConnectorError(Exception):
    """A platform that did not do what was asked. The text is for the people on the desk."""


class ConnectorUnavailable(ConnectorError):
    """Nothing was done and nothing was learned. Trying again later may help."""


class ConnectorRateLimited(ConnectorUnavailable):
    """The platform asked for patience."""

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class ConnectorRefused(ConnectorError):
    """The platform understood and said no. The same request will not do better."""


class AnswerUnknown(ConnectorError):
    """The request left and no usable answer came. It may have been applied."""


class Connector(Protocol):
    """One platform, as the rest of Holdfast sees it. Used as a context manager."""

    def capabilities(self) -> Capabilities:
        """Ask what the platform can do. Raise ConnectorUnavailable."""

    def pages(self, *, page_size: int) -> Iterator[AccountPage]:
        """Read every account, page by page. Raise ConnectorUnavailable."""

    def read(self, *, external_id: str) -> AccountReading:
        """Read one account. One the platform does not know is `gone`.

        Raise ConnectorUnavailable.
        """

    def read_many(self, *, external_ids: Sequence[str]) -> dict[str, AccountReading]:
        """Read accounts in one call. An id that is not in the result was not read.

        Raise ConnectorUnavailable.
        """

    def act(
        self,
        *,
        external_id: str,
        action: str,
        territory: str,
        reason_code: str,
        reference: str,
        idempotency_key: str,
    ) -> ActionReply:
        """Ask for one action. The same key is never applied twice.

        Raise ConnectorUnavailable (nothing was applied), ConnectorRefused (final) or
        AnswerUnknown (read the account before anything else).
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
