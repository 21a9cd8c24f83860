"""Faults on demand, so that a test can meet the bad days of a real network."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass
from typing import Any

from platforms.sandbox.accounts import invalid


@dataclass
class Settings:
    """What goes wrong. Every count runs down to zero with each request it hits."""

    delay_seconds: float = 0.0
    """Each answer waits this long, after the effect."""
    error_rate: float = 0.0
    """The share of requests answered with 500 before any effect, 0 to 1."""
    errors: int = 0
    """So many requests are answered with 500 before any effect."""
    unavailable: int = 0
    """So many requests are answered with 503 before any effect."""
    limited: int = 0
    """So many requests are answered with 429 before any effect."""
    retry_after_seconds: int = 1
    """What a 429 says in Retry-After."""
    dropped_actions: int = 0
    """So many actions are applied and then never answered: the connection closes."""
    ignored_actions: int = 0
    """So many actions are answered as if applied, and nothing is changed."""
    token_refused: bool = False
    """Every request is answered with 401, as after an expired token."""


class Faults:
    """The faults in force, shared by all requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._settings = Settings()

    def replace(self, body: Any) -> dict[str, Any]:
        """Put these faults in force and drop all others."""
        kinds = {name: type(value) for name, value in asdict(Settings()).items()}
        if not isinstance(body, dict) or set(body) - set(kinds):
            raise invalid(f"Faults are an object with {', '.join(sorted(kinds))}.")
        for name, value in body.items():
            accepted = (int, float) if kinds[name] is float else kinds[name]
            if not isinstance(value, accepted) or value < 0:
                raise invalid(f"{name} has to be a {kinds[name].__name__}, not below zero.")
        with self._lock:
            self._settings = Settings(**body)
            return asdict(self._settings)

    def in_force(self) -> Settings:
        with self._lock:
            return Settings(**asdict(self._settings))

    def take(self, name: str) -> bool:
        """Use up one of a counted fault. Return whether there was one."""
        with self._lock:
            left: int = getattr(self._settings, name)
            if left <= 0:
                return False
            setattr(self._settings, name, left - 1)
            return True

    def strikes(self) -> bool:
        """Whether this request is one of those that fail by chance."""
        # A coin for a test, not a secret.
        return random.random() < self.in_force().error_rate  # noqa: S311
