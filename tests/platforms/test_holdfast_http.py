"""The real client against the real sandbox: what it reads, and how it names what went wrong."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import httpx
import pytest

from platforms.connectors.base import (
    AccountState,
    AnswerUnknown,
    ConnectorRateLimited,
    ConnectorRefused,
    ConnectorUnavailable,
)
from platforms.connectors.holdfast_http import HoldfastHTTP
from platforms.connectors.registry import NoSuchConnector, open_connector
from platforms.connectors.secrets import SecretMissing, read_secret
from tests.platforms.sandbox import TOKEN, TOKEN_ENV, Sandbox, account


def suspend(connector: HoldfastHTTP, external_id: str = "1", key: str = "k1") -> object:
    return connector.act(
        external_id=external_id,
        action="suspend",
        territory="",
        reason_code="designation",
        reference="EN-1",
        idempotency_key=key,
    )


def test_it_reads_every_field(sandbox: Sandbox, connector: HoldfastHTTP) -> None:
    sandbox.add(
        account(
            "1",
            display_name="Рамзан Кадыров",
            bio="bio",
            links=["https://kadyrov.example/"],
            country="RU",
            date_of_birth="1976-10-05",
            followers=3_200_000,
            verified=True,
            image_fingerprints=["c3d1a0f09e3b7788"],
            created_at="2014-03-09T10:00:00Z",
        )
    )
    reading = connector.read(external_id="1")
    assert reading.state is AccountState.ACTIVE
    assert reading.display_name == "Рамзан Кадыров"
    assert reading.links == ("https://kadyrov.example/",)
    assert (reading.country, reading.date_of_birth) == ("RU", "1976-10-05")
    assert (reading.followers, reading.is_verified) == (3_200_000, True)
    assert reading.image_fingerprints == ("c3d1a0f09e3b7788",)
    assert reading.created_at is not None
    assert reading.created_at.year == 2014
    assert reading.updated_at is not None
    assert reading.updated_at.tzinfo is not None


def test_it_knows_what_a_suspension_means(connector: HoldfastHTTP) -> None:
    capabilities = connector.capabilities()
    assert capabilities.blocks_sign_in
    assert capabilities.hides_content
    assert capabilities.reversible_until_days == 30
    assert "restore" in capabilities.actions


def test_it_walks_all_pages(sandbox: Sandbox, connector: HoldfastHTTP) -> None:
    sandbox.add(*(account(f"{n:02}") for n in range(7)))
    pages = list(connector.pages(page_size=3))
    assert [len(page.readings) for page in pages] == [3, 3, 1]
    assert [r.external_id for page in pages for r in page.readings] == [f"{n:02}" for n in range(7)]


def test_it_suspends_and_reads_back(sandbox: Sandbox, connector: HoldfastHTTP) -> None:
    sandbox.add(account("1"))
    suspend(connector)
    assert connector.read(external_id="1").state is AccountState.SUSPENDED


def test_an_account_the_platform_does_not_know_is_gone(connector: HoldfastHTTP) -> None:
    assert connector.read(external_id="nobody").state is AccountState.GONE
    assert connector.read_many(external_ids=["nobody"])["nobody"].state is AccountState.GONE


def test_a_batch_read_leaves_out_nothing_that_was_answered(
    sandbox: Sandbox, connector: HoldfastHTTP
) -> None:
    sandbox.add(account("1"), account("2", state="suspended"))
    read = connector.read_many(external_ids=["1", "2", "3"])
    assert {i: r.state.value for i, r in read.items()} == {
        "1": "active",
        "2": "suspended",
        "3": "gone",
    }


@pytest.mark.parametrize("fault", ["errors", "unavailable"])
def test_a_failed_read_is_unavailable_and_never_down(
    sandbox: Sandbox, connector: HoldfastHTTP, fault: str
) -> None:
    sandbox.add(account("1"))
    sandbox.faults(**{fault: 1})
    with pytest.raises(ConnectorUnavailable):
        connector.read(external_id="1")


def test_a_refused_token_is_unavailable_and_says_so(
    sandbox: Sandbox, connector: HoldfastHTTP
) -> None:
    sandbox.faults(token_refused=True)
    with pytest.raises(ConnectorUnavailable, match="token"):
        suspend(connector)


def test_a_rate_limit_carries_its_wait(sandbox: Sandbox, connector: HoldfastHTTP) -> None:
    sandbox.add(account("1"))
    sandbox.faults(limited=1, retry_after_seconds=17)
    with pytest.raises(ConnectorRateLimited) as caught:
        suspend(connector)
    assert caught.value.retry_after_seconds == 17
    assert sandbox.state("1") == "active"


def test_a_dropped_answer_is_unknown_not_failed(sandbox: Sandbox, connector: HoldfastHTTP) -> None:
    sandbox.add(account("1"))
    sandbox.faults(dropped_actions=1)
    with pytest.raises(AnswerUnknown):
        suspend(connector)
    assert sandbox.state("1") == "suspended"


def test_a_slow_answer_is_unknown(sandbox: Sandbox, token_in_place: None) -> None:
    sandbox.add(account("1"))
    sandbox.faults(delay_seconds=5)
    with (
        HoldfastHTTP(
            base_url=sandbox.address,
            token_reference=f"env:{TOKEN_ENV}",
            timeout=httpx.Timeout(0.2),
        ) as hurried,
        pytest.raises(AnswerUnknown),
    ):
        suspend(hurried)


def test_an_error_after_sending_is_unknown_and_a_503_is_not(
    sandbox: Sandbox, connector: HoldfastHTTP
) -> None:
    sandbox.add(account("1"))
    sandbox.faults(errors=1)
    with pytest.raises(AnswerUnknown):
        suspend(connector)
    sandbox.faults(unavailable=1)
    with pytest.raises(ConnectorUnavailable):
        suspend(connector)


def test_a_platform_that_is_not_there_is_unavailable(token_in_place: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with (
        HoldfastHTTP(
            base_url=f"http://127.0.0.1:{port}", token_reference=f"env:{TOKEN_ENV}"
        ) as nobody,
        pytest.raises(ConnectorUnavailable),
    ):
        suspend(nobody)


def test_an_account_that_is_gone_is_refused_for_good(
    sandbox: Sandbox, connector: HoldfastHTTP
) -> None:
    sandbox.add(account("1", state="gone"))
    with pytest.raises(ConnectorRefused):
        suspend(connector)


def test_the_same_key_is_answered_again(sandbox: Sandbox, connector: HoldfastHTTP) -> None:
    sandbox.add(account("1"))
    suspend(connector)
    suspend(connector)
    assert sandbox.verbs_applied("1") == ["suspend"]


class Strange(http.server.BaseHTTPRequestHandler):
    """A server that is something else than a platform."""

    answer: ClassVar[tuple[int, dict[str, str], bytes]]
    seen: ClassVar[list[str]]

    def do_GET(self) -> None:
        type(self).seen.append(self.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, headers, body = self.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def strange(token_in_place: None) -> Iterator[HoldfastHTTP]:
    Strange.seen = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    with HoldfastHTTP(base_url=address, token_reference=f"env:{TOKEN_ENV}") as opened:
        yield opened
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (404, {}, b"nginx"),
        (404, {"Content-Type": "application/json"}, b'{"detail": "Not found."}'),
        (302, {"Location": "/elsewhere"}, b""),
        (200, {}, b"<html>welcome</html>"),
        (200, {}, b"[]"),
        (200, {}, b'{"id": "1", "handle": "h", "state": "fine"}'),
        (200, {}, b'{"id": "2", "handle": "h", "state": "suspended"}'),
        (200, {}, b'{"id": "1", "state": "suspended"}'),
        (200, {}, b'{"id": "1", "handle": "h", "state": "active", "created_at": "2014-03-09"}'),
        (200, {"Content-Encoding": "gzip"}, b"not gzip"),
    ],
)
def test_a_strange_answer_to_a_read_is_unavailable(
    strange: HoldfastHTTP, status: int, headers: dict[str, str], body: bytes
) -> None:
    Strange.answer = (status, headers, body)
    with pytest.raises(ConnectorUnavailable):
        strange.read(external_id="1")
    assert Strange.seen == ["/v1/accounts/1"]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"changed": true}'])
def test_a_strange_answer_to_an_action_is_unknown(strange: HoldfastHTTP, body: bytes) -> None:
    Strange.answer = (200, {}, body)
    with pytest.raises(AnswerUnknown):
        suspend(strange)


def test_one_strange_account_does_not_hide_the_others(strange: HoldfastHTTP) -> None:
    Strange.answer = (
        200,
        {},
        b'{"accounts": [{"id": "1", "handle": "a", "state": "active"}, {"id": "2"}, 7],'
        b' "missing": [], "next_cursor": null}',
    )
    assert list(strange.read_many(external_ids=["1", "2"])) == ["1"]
    (page,) = strange.pages(page_size=10)
    assert [r.external_id for r in page.readings] == ["1"]
    assert len(page.problems) == 2


def test_a_cursor_that_leads_nowhere_ends_the_walk(strange: HoldfastHTTP) -> None:
    Strange.answer = (200, {}, b'{"accounts": [], "next_cursor": "again"}')
    with pytest.raises(ConnectorUnavailable, match="next_cursor"):
        list(strange.pages(page_size=10))


@pytest.mark.parametrize("text", ["", "soon", "-5", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_strange_retry_after_still_waits(strange: HoldfastHTTP, text: str) -> None:
    Strange.answer = (429, {"Retry-After": text}, b"")
    with pytest.raises(ConnectorRateLimited) as caught:
        suspend(strange)
    assert 1 <= caught.value.retry_after_seconds <= 3600


@pytest.mark.parametrize("address", ["http://platform.example", "ftp://127.0.0.1", "127.0.0.1"])
def test_the_token_leaves_this_machine_only_over_tls(token_in_place: None, address: str) -> None:
    with pytest.raises(ConnectorUnavailable, match="https"):
        HoldfastHTTP(base_url=address, token_reference=f"env:{TOKEN_ENV}")


def test_a_secret_comes_from_the_environment_or_a_file(
    token_in_place: None, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert read_secret(f"env:{TOKEN_ENV}") == read_secret(f"file:{file}") == TOKEN


@pytest.mark.parametrize("reference", ["", "env:", "env:HOLDFAST_NOT_SET", "file:/no/such", "abc"])
def test_a_missing_secret_is_loud(reference: str) -> None:
    with pytest.raises(SecretMissing):
        read_secret(reference)


def test_an_unknown_connector_is_named() -> None:
    with pytest.raises(NoSuchConnector, match="holdfast_http"):
        open_connector("telegraph", base_url="https://platform.example", token_reference="env:X")
