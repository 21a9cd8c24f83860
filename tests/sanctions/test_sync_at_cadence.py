"""Beat: each list at its cadence, and what is seen when a publisher does not answer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actors import LIST_SYNC
from accounts.models import AuditEvent
from sanctions.cadence import CLAIM, LONGEST_WAIT, claim_due, sync_at_cadence, wait_after
from sanctions.models import Source
from sanctions.sync import SyncResult
from sanctions.tasks import sync_source
from tests.sanctions.files import BEFORE
from tests.sanctions.publisher import Publisher

ETAG = '"one"'


def sync_now(source: Source) -> SyncResult | None:
    source.refresh_from_db()
    result = sync_at_cadence(actor=LIST_SYNC, source=source)
    source.refresh_from_db()
    return result


def test_a_list_that_never_came_is_due(source: Source) -> None:
    assert claim_due(at=timezone.now()) == [source.pk]


def test_a_claimed_list_is_not_claimed_again(source: Source) -> None:
    now = timezone.now()
    claim_due(at=now)

    assert claim_due(at=now + timedelta(minutes=1)) == []


def test_a_claim_that_came_to_nothing_ends(source: Source) -> None:
    now = timezone.now()
    claim_due(at=now)

    assert claim_due(at=now + CLAIM) == [source.pk]


def test_a_list_is_due_again_after_its_cadence(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes())
    sync_source(source.pk)
    source.refresh_from_db()

    assert source.checked_at is not None
    assert claim_due(at=source.checked_at + timedelta(minutes=59)) == []
    assert claim_due(at=source.checked_at + timedelta(minutes=60)) == [source.pk]


@pytest.mark.parametrize("changed", [{"is_active": False}, {"urls": []}])
def test_a_list_out_of_use_or_without_an_address_is_never_due(
    source: Source, changed: dict[str, object]
) -> None:
    Source.objects.update(**changed)

    assert claim_due(at=timezone.now()) == []


def test_nothing_new_counts_as_an_answer(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes(), etag=ETAG)
    sync_now(source)
    first = source.checked_at

    sync_now(source)

    assert publisher.statuses == [200, 304]
    assert first is not None
    assert source.checked_at is not None
    assert source.checked_at > first


def test_a_quarantined_list_counts_as_an_answer(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", b"<html></html>")

    result = sync_now(source)

    assert result is not None
    assert result.quarantined
    assert source.checked_at is not None
    assert source.failures_in_a_row == 0


def test_a_failure_is_shown_and_recorded(source: Source, publisher: Publisher) -> None:
    publisher.fail("/SDN.XML")

    assert sync_now(source) is None

    assert source.failures_in_a_row == 1
    assert "answered 503" in source.failure
    assert source.checked_at is None
    event = AuditEvent.objects.get(verb="sanctions.list_unavailable")
    assert event.object_id == str(source.pk)
    assert event.reason == source.failure


def test_a_redirect_to_a_host_that_is_not_allowed_is_a_failure(
    source: Source, publisher: Publisher
) -> None:
    publisher.redirect("/SDN.XML", "https://example.org/SDN.XML")

    assert sync_now(source) is None

    assert "not among the hosts allowed" in source.failure
    assert not source.versions.exists()


def test_a_failed_list_is_tried_again_after_its_cadence(
    source: Source, publisher: Publisher
) -> None:
    publisher.fail("/SDN.XML")
    before = timezone.now()
    sync_now(source)

    assert claim_due(at=before + timedelta(minutes=59)) == []
    assert claim_due(at=timezone.now() + timedelta(minutes=60)) == [source.pk]


def test_the_last_good_list_serves_through_failures(source: Source, publisher: Publisher) -> None:
    publisher.serve("/SDN.XML", BEFORE.read_bytes())
    sync_now(source)
    checked_at = source.checked_at
    publisher.fail("/SDN.XML")

    sync_now(source)
    sync_now(source)

    assert source.failures_in_a_row == 2
    assert source.checked_at == checked_at
    assert source.designations.listed().count() == 22


def test_an_answer_ends_the_failures(source: Source, publisher: Publisher) -> None:
    publisher.fail("/SDN.XML")
    sync_now(source)
    publisher.serve("/SDN.XML", BEFORE.read_bytes())

    sync_now(source)

    assert (source.failures_in_a_row, source.failure) == (0, "")


@pytest.mark.parametrize(
    ("failures", "cadences"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 24), (4000, 24)]
)
def test_each_further_failure_doubles_the_wait_up_to_a_day(failures: int, cadences: int) -> None:
    source = Source(cadence_minutes=60, failures_in_a_row=failures)

    assert wait_after(source) == cadences * timedelta(minutes=60)


def test_a_slow_list_is_not_asked_more_often_because_it_fails() -> None:
    weekly = Source(cadence_minutes=7 * 24 * 60, failures_in_a_row=3)

    assert wait_after(weekly) == timedelta(days=7) > LONGEST_WAIT


def test_the_database_refuses_a_failure_without_a_reason(source: Source) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.update(failures_in_a_row=1)
