"""Fetching, against a real server on this machine."""

from pathlib import Path

import pytest

from accounts.actors import LIST_SYNC
from sanctions import acquisition
from sanctions.models import Source
from sanctions.refusals import ListUnavailable
from sanctions.sync import SyncResult, sync
from tests.sanctions.files import BEFORE, LISTED
from tests.sanctions.publisher import Publisher

ETAG = '"one"'


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
