"""Fetching, against a real server on this machine."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from accounts.actors import LIST_SYNC
from sanctions import acquisition
from sanctions.models import Source
from sanctions.refusals import ListUnavailable
from sanctions.sync import SyncResult, sync
from tests.sanctions.files import BEFORE, LISTED

ETAG = '"one"'


class Publisher:
    """A publisher's site. `answers` maps a path to what is done there."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.statuses: list[int] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.answers[self.path](self)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                publisher.statuses.append(int(code))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, path: str, data: bytes, *, etag: str = "") -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            if etag and request.headers.get("If-None-Match") == etag:
                request.send_response(304)
                request.end_headers()
                return
            request.send_response(200)
            request.send_header("Content-Length", str(len(data)))
            if etag:
                request.send_header("ETag", etag)
            request.end_headers()
            request.wfile.write(data)

        self.answers[path] = answer

    def redirect(self, path: str, location: str) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(302)
            request.send_header("Location", location)
            request.end_headers()

        self.answers[path] = answer

    def fail(self, path: str) -> None:
        self.answers[path] = lambda request: request.send_error(503)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    running = Publisher()
    thread = threading.Thread(target=running.server.serve_forever)
    thread.start()
    yield running
    running.server.shutdown()
    thread.join()
    running.server.server_close()


@pytest.fixture
def source(sdn: Source, publisher: Publisher) -> Source:
    sdn.urls = [f"{publisher.address}/SDN.XML"]
    sdn.allowed_hosts = ["127.0.0.1"]
    sdn.save()
    return sdn


def sync_default(source: Source) -> SyncResult:
    source.refresh_from_db()
    return sync(actor=LIST_SYNC, source=source)


def test_it_syncs_from_its_publisher(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes())

    assert sync_default(source).added == 22


def test_it_asks_only_for_what_is_new(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes(), etag=ETAG)
    sync_default(source)

    result = sync_default(source)

    assert publisher.statuses == [200, 304]
    assert (result.added, result.unchanged) == (0, 22)


def test_a_quarantined_download_is_asked_for_again(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", b"<html></html>", etag=ETAG)
    sync_default(source)

    assert sync_default(source).quarantined
    assert publisher.statuses == [200, 200]


def test_it_follows_a_redirect_to_an_allowed_host(source: Source, publisher: Publisher) -> None:
    publisher.redirect("/SDN.XML", f"{publisher.address}/signed")
    publisher.serve("/signed", BEFORE.read_bytes())

    assert sync_default(source).added == 22


@pytest.mark.parametrize(
    "location", ["http://localhost:9/SDN.XML", "https://example.org/SDN.XML", "file:///etc/hosts"]
)
def test_it_follows_no_redirect_to_another_host(
    source: Source, publisher: Publisher, location: str
) -> None:
    publisher.redirect("/SDN.XML", location)

    with pytest.raises(ListUnavailable):
        sync_default(source)


def test_it_follows_no_redirect_without_end(source: Source, publisher: Publisher) -> None:
    publisher.redirect("/SDN.XML", f"{publisher.address}/SDN.XML")

    with pytest.raises(ListUnavailable, match="redirected too often"):
        sync_default(source)


def test_a_site_that_is_down_changes_nothing(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes())
    sync_default(source)
    publisher.fail("/SDN.XML")

    with pytest.raises(ListUnavailable, match="answered 503"):
        sync_default(source)
    assert source.designations.listed().count() == 22
    assert source.versions.count() == 1


def test_no_answer_at_all(source: Source) -> None:
    source.urls = ["http://127.0.0.1:9/SDN.XML"]
    source.save()

    with pytest.raises(ListUnavailable, match=r"127\.0\.0\.1 could not be read"):
        sync_default(source)


def test_plain_http_is_refused_except_on_this_machine(source: Source) -> None:
    source.urls = ["http://example.org/SDN.XML"]
    source.allowed_hosts = ["example.org"]
    source.save()

    with pytest.raises(ListUnavailable, match="not among the hosts"):
        sync_default(source)


def test_it_stops_at_the_size_limit(
    source: Source, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acquisition, "MAX_DOWNLOAD_BYTES", 1000)
    publisher.serve("/SDN.XML", BEFORE.read_bytes())

    with pytest.raises(ListUnavailable, match="larger than"):
        sync_default(source)


def test_an_address_given_by_hand_is_asked_without_conditions(
    source: Source, publisher: Publisher
) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes(), etag=ETAG)
    sync_default(source)
    publisher.serve("/mirror", LISTED.read_bytes(), etag=ETAG)
    source.refresh_from_db()

    result = sync(actor=LIST_SYNC, source=source, origins=[f"{publisher.address}/mirror"])

    assert result.added == 1


def test_nothing_half_fetched_is_left_behind(
    source: Source, publisher: Publisher, media_root: Path
) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes())
    sync_default(source)
    publisher.fail("/SDN.XML")
    with pytest.raises(ListUnavailable):
        sync_default(source)

    folders = list((media_root / "lists" / "ofac-sdn").iterdir())
    assert [folder.name for folder in folders] == [source.versions.get().sha256]
