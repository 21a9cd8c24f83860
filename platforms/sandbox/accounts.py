"""The shape of an account, and the answers that refuse a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STATES = ("active", "withheld", "suspended", "suspended_by_platform", "deactivated", "gone")
ACTIONS = ("suspend", "restore", "withhold", "label", "monetisation_off")
REASON_CODES = (
    "designation",
    "policy",
    "court_order",
    "authority_request",
    "ban_evasion",
    "decision",
)
PAGE_LIMIT = 500
BATCH_READ_LIMIT = 500
REVERSIBLE_UNTIL_DAYS = 30

OWN_STATES = ("active", "suspended_by_platform", "deactivated", "gone")
PROFILE_FIELDS = (
    "handle",
    "display_name",
    "bio",
    "links",
    "country",
    "date_of_birth",
    "followers",
    "verified",
    "image_fingerprints",
)

_TERRITORY = re.compile(r"[A-Z]{2}\Z")


class Refusal(Exception):
    """A request that is answered with problem+json instead of an effect."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


def invalid(detail: str) -> Refusal:
    return Refusal(422, "invalid", detail)


@dataclass(frozen=True)
class Action:
    """One action as it was asked for, checked against the contract."""

    action: str
    territory: str
    reason_code: str
    reference: str

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Action:
        known = {"action", "territory", "reason_code", "reference"}
        if unknown := sorted(set(body) - known):
            raise invalid(f"Unknown field {unknown[0]}.")
        values = {name: body.get(name, "") for name in known}
        for name, value in values.items():
            if not isinstance(value, str) or len(value) > 100:
                raise invalid(f"{name} has to be a text of at most 100 characters.")
        asked = cls(**values)
        if asked.action not in ACTIONS:
            raise Refusal(422, "action-not-supported", f"No action {asked.action!r} here.")
        if asked.reason_code not in REASON_CODES:
            raise invalid(f"No reason code {asked.reason_code!r} here.")
        if asked.territory and not _TERRITORY.match(asked.territory):
            raise invalid("territory has to be two capital letters (ISO 3166-1), or empty.")
        if asked.action == "withhold" and not asked.territory:
            raise invalid("withhold needs a territory.")
        if asked.action not in ("withhold", "restore") and asked.territory:
            raise invalid(f"{asked.action} takes no territory.")
        return asked


@dataclass
class Account:
    """One account. What was applied over the API and what the platform did stand side by side."""

    id: str
    handle: str
    display_name: str
    bio: str = ""
    links: list[str] = field(default_factory=list)
    country: str = ""
    date_of_birth: str = ""
    followers: int = 0
    verified: bool = False
    image_fingerprints: list[str] = field(default_factory=list)
    created_at: str | None = None
    own_state: str = "active"
    suspended: bool = False
    withheld_in: list[str] = field(default_factory=list)
    labelled: bool = False
    monetised: bool = True
    updated_at: str = ""

    @classmethod
    def from_json(cls, body: Any) -> Account:
        """Read one account to be added. `state` may name any state of the contract."""
        if not isinstance(body, dict):
            raise invalid("An account is a JSON object.")
        values = dict(body)
        state = values.pop("state", "active")
        if state not in STATES:
            raise invalid(f"No state {state!r} here.")
        known = set(cls.__dataclass_fields__) - {"own_state", "suspended", "updated_at"}
        if unknown := sorted(set(values) - known):
            raise invalid(f"Unknown field {unknown[0]}.")
        if missing := [n for n in ("id", "handle", "display_name") if not values.get(n)]:
            raise invalid(f"{missing[0]} is missing.")
        if state == "withheld" and not values.get("withheld_in"):
            raise invalid("A withheld account needs withheld_in.")
        own_state = "active" if state in ("withheld", "suspended") else state
        return cls(**values, own_state=own_state, suspended=state == "suspended")

    @property
    def state(self) -> str:
        if self.own_state == "gone":
            return "gone"
        if self.suspended:
            return "suspended"
        if self.own_state != "active":
            return self.own_state
        return "withheld" if self.withheld_in else "active"

    def apply(self, asked: Action) -> bool:
        """Change the account as asked. Return whether anything changed."""
        before = (self.suspended, list(self.withheld_in), self.labelled, self.monetised)
        if asked.action == "suspend":
            self.suspended = True
        elif asked.action == "withhold":
            self.withheld_in = sorted({*self.withheld_in, asked.territory})
        elif asked.action == "label":
            self.labelled = True
        elif asked.action == "monetisation_off":
            self.monetised = False
        elif asked.territory:
            self.withheld_in = [t for t in self.withheld_in if t != asked.territory]
        else:
            self.lift_everything()
        return before != (self.suspended, self.withheld_in, self.labelled, self.monetised)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change profile fields as the holder would, or `state` as the platform's own staff would.

        What was applied over the API stays.
        """
        for name, value in changes.items():
            if name == "state":
                if value not in OWN_STATES:
                    raise invalid(f"The operator sets one of {', '.join(OWN_STATES)}.")
                self.own_state = value
            elif name in PROFILE_FIELDS:
                setattr(self, name, value)
            else:
                raise invalid(f"Unknown field {name}.")

    def lift_everything(self) -> None:
        self.suspended = False
        self.withheld_in = []
        self.labelled = False
        self.monetised = True

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "handle": self.handle,
            "display_name": self.display_name,
            "bio": self.bio,
            "links": self.links,
            "country": self.country,
            "date_of_birth": self.date_of_birth,
            "followers": self.followers,
            "verified": self.verified,
            "image_fingerprints": self.image_fingerprints,
            "created_at": self.created_at,
            "state": self.state,
            "withheld_in": self.withheld_in,
            "labelled": self.labelled,
            "monetised": self.monetised,
            "updated_at": self.updated_at,
        }
