"""What the API tests share. The people are the cast of tests/conftest.py."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from accounts import tokens
from accounts.actors import COMMAND_LINE
from accounts.models import User

Caller = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def no_calls_yet() -> Iterator[None]:
    """Calls are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def call_as() -> Caller:
    """A client with a token of this person: with these scopes, or all that they may have."""

    def client_of(user: User, *scopes: str) -> APIClient:
        _, secret = tokens.create(
            actor=COMMAND_LINE,
            user=user,
            name="test",
            scopes=scopes or user.desk_permissions,
            days=1,
        )
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        return client

    return client_of
