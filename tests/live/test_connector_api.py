"""A platform that speaks the connector API keeps its promises.

Without settings the platform is the sandbox, as a process of its own. To try another one, name
its address, its token and an account there that may be suspended for a moment:

    HOLDFAST_LIVE_URL=https://… HOLDFAST_LIVE_TOKEN=… HOLDFAST_LIVE_ACCOUNT=… make test-live
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from itertools import islice

import pytest

from platforms.connectors.base import AccountState, ActionReply, ConnectorRefused
from platforms.connectors.holdfast_http import HoldfastHTTP
from tests.platforms.sandbox import TOKEN, TOKEN_ENV, Sandbox, account

pytestmark = pytest.mark.live

LIVE_TOKEN_ENV = "HOLDFAST_LIVE_TOKEN"
PAGES_LOOKED_AT = 50
NOBODY = "no-account-has-this-id"


@pytest.fixture
def account_id() -> str:
    return os.environ.get("HOLDFAST_LIVE_ACCOUNT", "1")


@pytest.fixture
def connector(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, account_id: str
) -> Iterator[HoldfastHTTP]:
    """The platform, with the account up. Afterwards it is up again."""
    if url := os.environ.get("HOLDFAST_LIVE_URL"):
        with HoldfastHTTP(base_url=url, token_reference=f"env:{LIVE_TOKEN_ENV}") as opened:
            act(opened, account_id, "restore")
            yield opened
            act(opened, account_id, "restore")
        return
    monkeypatch.setenv(TOKEN_ENV, TOKEN)
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    sandbox.add(account(account_id))
    try:
        with HoldfastHTTP(base_url=sandbox.address, token_reference=f"env:{TOKEN_ENV}") as opened:
            yield opened
    finally:
        sandbox.stop()


def act(connector: HoldfastHTTP, account_id: str, action: str, key: str = "") -> ActionReply:
    return connector.act(
        external_id=account_id,
        action=action,
        territory="",
        reason_code="policy",
        reference="EN-1",
        idempotency_key=key or str(uuid.uuid4()),
    )


def test_it_says_what_it_can_do(connector: HoldfastHTTP) -> None:
    capabilities = connector.capabilities()
    assert {"suspend", "restore"} <= capabilities.actions
    assert capabilities.page_limit >= 1
    assert capabilities.batch_read_limit >= 1


def test_it_lists_accounts_that_can_be_read_one_by_one(connector: HoldfastHTTP) -> None:
    page = next(iter(connector.pages(page_size=connector.capabilities().page_limit)))
    assert page.readings
    assert not page.problems
    listed = page.readings[0]
    assert connector.read(external_id=listed.external_id).handle == listed.handle


def test_no_page_repeats_an_account(connector: HoldfastHTTP) -> None:
    pages = islice(connector.pages(page_size=2), PAGES_LOOKED_AT)
    ids = [reading.external_id for page in pages for reading in page.readings]
    assert len(ids) == len(set(ids))


def test_a_suspension_shows_when_the_account_is_read(
    connector: HoldfastHTTP, account_id: str
) -> None:
    assert act(connector, account_id, "suspend").changed
    assert connector.read(external_id=account_id).state is AccountState.SUSPENDED
    assert act(connector, account_id, "restore").changed
    assert connector.read(external_id=account_id).state is AccountState.ACTIVE


def test_the_same_key_applies_once(connector: HoldfastHTTP, account_id: str) -> None:
    key = str(uuid.uuid4())
    first = act(connector, account_id, "suspend", key)
    act(connector, account_id, "restore")
    again = act(connector, account_id, "suspend", key)
    assert (first.is_replay, again.is_replay) == (False, True)
    assert connector.read(external_id=account_id).state is AccountState.ACTIVE


def test_the_same_key_for_something_else_is_refused(
    connector: HoldfastHTTP, account_id: str
) -> None:
    key = str(uuid.uuid4())
    act(connector, account_id, "suspend", key)
    with pytest.raises(ConnectorRefused):
        act(connector, account_id, "restore", key)


def test_an_account_nobody_has_is_gone_and_cannot_be_acted_on(connector: HoldfastHTTP) -> None:
    assert connector.read(external_id=NOBODY).state is AccountState.GONE
    among_many = connector.read_many(external_ids=[NOBODY]).get(NOBODY)
    assert among_many is None or among_many.state is AccountState.GONE
    with pytest.raises(ConnectorRefused):
        act(connector, NOBODY, "suspend")
