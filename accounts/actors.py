"""Who acts: a person, or one of our own services.

Every verb takes its actor first. A service is named, so that the audit trail can tell
the reconciler from the list sync.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, Union

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Service:
    """A part of Holdfast that acts without a person, such as the list sync."""

    name: str

    def __str__(self) -> str:
        return self.name


Actor: TypeAlias = Union["User", Service]

LIST_SYNC = Service("list sync")
PIPELINE = Service("case pipeline")
EXECUTOR = Service("executor")
RECONCILER = Service("reconciler")
PROFILE_PULL = Service("profile pull")
SWEEPER = Service("sweeper")
SEEDER = Service("demo seed")
COMMAND_LINE = Service("command line")
SIGN_IN = Service("sign-in")
