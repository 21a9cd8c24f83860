import gzip
import hashlib
import re
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actors import LIST_SYNC
from accounts.models import AuditEvent
from sanctions.models import Designation, DesignationVersion, ListVersion, Source
from sanctions.sources import source_called
from sanctions.sync import SyncResult, sync
from tests.sanctions.files import (
    BEFORE,
    DELISTED,
    LISTED,
    LISTED_CSV,
    csv_rows,
    real,
    sdn_csv,
    sdn_entry,
    sdn_row,
    sdn_xml,
)

Change = DesignationVersion.Change


def sync_from(source: Source, *paths: Path) -> SyncResult:
    return sync(actor=LIST_SYNC, source=source, origins=[str(path) for path in paths])


def counts(result: SyncResult) -> tuple[int, int, int, int]:
    return result.added, result.changed, result.delisted, result.unchanged


def kadyrov(source: Source) -> Designation:
    return source.designations.get(entry_key="23343")


def test_a_first_sync_lists_everybody(sdn: Source) -> None:
    result = sync_from(sdn, BEFORE)

    assert counts(result) == (22, 0, 0, 0)
    assert sdn.designations.listed().count() == 22
    dodik = sdn.designations.get(entry_key="21465")
    assert dodik.primary_name == "DODIK, Milorad"
    assert dodik.programs == ["BALKANS", "BALKANS-EO14033"]
    assert dodik.current_version.change == Change.ADDED
    assert dodik.current_version.content["dates_of_birth"] == ["12 Mar 1959"]


def test_a_listing_adds_one_entry_and_leaves_the_others(sdn: Source) -> None:
    sync_from(sdn, BEFORE)

    result = sync_from(sdn, LISTED)

    assert counts(result) == (1, 0, 0, 22)
    assert kadyrov(sdn).current_version.list_version == result.list_version
    assert DesignationVersion.objects.count() == 23


def test_a_delisting_is_a_version_with_the_last_content(sdn: Source) -> None:
    for path in (BEFORE, LISTED):
        sync_from(sdn, path)
    content = kadyrov(sdn).current_version.content

    result = sync_from(sdn, DELISTED)

    assert counts(result) == (0, 0, 2, 21)
    delisted = kadyrov(sdn)
    assert not delisted.is_listed
    assert delisted.current_version.change == Change.DELISTED
    assert delisted.current_version.content == content
    first, second = delisted.versions.order_by("number")
    assert (first.valid_to, second.valid_to) == (second.valid_from, None)


def test_an_entry_that_comes_back_is_listed_again(sdn: Source) -> None:
    for path in (LISTED, DELISTED):
        sync_from(sdn, path)

    result = sync_from(sdn, LISTED)

    assert counts(result) == (2, 0, 0, 21)
    returned = kadyrov(sdn)
    assert returned.is_listed
    assert [version.change for version in returned.versions.order_by("number")] == [
        Change.ADDED,
        Change.DELISTED,
        Change.ADDED,
    ]


def test_a_change_keeps_what_was_said_before_and_names_the_difference(
    sdn: Source, tmp_path: Path
) -> None:
    sync_from(sdn, LISTED)
    edited = tmp_path / "edited.xml"
    text = LISTED.read_text()
    edited.write_text(re.sub(r"<program>MAGNIT</program>\s*(?=<program>GLOMAG)", "", text))

    result = sync_from(sdn, edited)

    assert counts(result) == (0, 1, 0, 22)
    changed = kadyrov(sdn)
    assert changed.programs == ["GLOMAG", "RUSSIA-EO14024"]
    former, current = changed.versions.order_by("number")
    assert "MAGNIT" in former.content["programs"]
    assert former.valid_to == current.valid_from
    assert current.diff == {
        "programs": {
            "from": ["GLOMAG", "MAGNIT", "RUSSIA-EO14024"],
            "to": ["GLOMAG", "RUSSIA-EO14024"],
            "added": [],
            "removed": ["MAGNIT"],
        }
    }


def test_the_same_bytes_are_applied_once(sdn: Source) -> None:
    first = sync_from(sdn, BEFORE)

    again = sync_from(sdn, BEFORE)

    assert counts(again) == (0, 0, 0, 22)
    assert again.list_version == first.list_version
    assert ListVersion.objects.count() == 1


def test_the_same_list_in_other_bytes_is_a_version_without_changes(
    sdn: Source, tmp_path: Path
) -> None:
    sync_from(sdn, BEFORE)
    packed = tmp_path / "SDN.XML.gz"
    packed.write_bytes(gzip.compress(BEFORE.read_bytes()))

    result = sync_from(sdn, packed)

    assert (result.version, counts(result)) == (2, (0, 0, 0, 22))
    assert DesignationVersion.objects.count() == 22


def test_the_two_official_shapes_are_one_list(sdn: Source) -> None:
    sync_from(sdn, LISTED)

    result = sync_from(sdn, *LISTED_CSV)

    assert counts(result) == (0, 0, 0, 23)
    assert result.list_version is not None
    assert "was read from ofac-xml" in result.list_version.warnings[0]


def test_the_raw_bytes_are_kept(sdn: Source, media_root: Path) -> None:
    result = sync_from(sdn, BEFORE)

    version = result.list_version
    assert version is not None
    (kept,) = (media_root / version.raw_path).iterdir()
    assert kept.read_bytes() == BEFORE.read_bytes()
    assert version.sha256 == hashlib.sha256(BEFORE.read_bytes()).hexdigest()
    assert version.size_bytes == BEFORE.stat().st_size


def test_a_sync_is_on_record(sdn: Source) -> None:
    result = sync_from(sdn, BEFORE)

    event = AuditEvent.objects.get(verb="sanctions.list_synced")
    assert event.actor_service == "list sync"
    assert event.object_id == str(result.list_version.pk)
    assert event.changes["added"] == 22


def test_an_older_list_is_taken_with_a_warning(sdn: Source) -> None:
    sync_from(sdn, LISTED)

    result = sync_from(sdn, BEFORE)

    assert counts(result) == (0, 0, 1, 22)
    assert "before version 1" in result.list_version.warnings[0]


def test_one_source_does_not_touch_another(sdn: Source, tmp_path: Path) -> None:
    sync_from(sdn, BEFORE)
    other = source_called("ofac-consolidated")

    sync_from(other, sdn_xml(tmp_path, sdn_entry(21465)))

    assert sdn.designations.listed().count() == 22
    assert other.designations.listed().count() == 1


def test_a_sync_takes_as_many_queries_for_many_entries_as_for_few(
    sdn: Source, tmp_path: Path
) -> None:
    other = source_called("ofac-consolidated")
    few = sdn_csv(tmp_path, [sdn_row(uid, f"NAME {uid}") for uid in range(1, 3)], name="few")
    many = sdn_csv(tmp_path, [sdn_row(uid, f"NAME {uid}") for uid in range(1, 900)], name="many")

    assert _queries_of(sdn, few) == _queries_of(other, many)


def _queries_of(source: Source, path: Path) -> int:
    with CaptureQueriesContext(connection) as captured:
        sync_from(source, path)
    return len(captured)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_syncs_of_one_source_come_in_turn(sdn: Source) -> None:
    """The second waits for the first, finds its bytes in force, and adds no version."""
    results: list[SyncResult] = []

    def in_another_connection() -> None:
        try:
            results.append(sync_from(sdn, BEFORE))
        finally:
            connection.close()

    second = threading.Thread(target=in_another_connection)
    with transaction.atomic():
        Source.objects.select_for_update(no_key=True).get(pk=sdn.pk)
        second.start()
        second.join(timeout=1.0)
        assert second.is_alive()
        first = sync_from(sdn, BEFORE)
    second.join()

    assert first.added == 22
    assert [counts(result) for result in results] == [(0, 0, 0, 22)]
    assert ListVersion.objects.count() == 1


def test_real_lists_give_the_versions_that_their_rows_say(sdn: Source) -> None:
    before, after = real("ofac/sdn_2024-02-20.csv.gz"), real("ofac/sdn_2024-02-23.csv.gz")
    old, new = (csv_rows(gzip.decompress(path.read_bytes())) for path in (before, after))
    changed = {key for key in old.keys() & new.keys() if old[key] != new[key]}

    first = sync_from(sdn, before)
    second = sync_from(sdn, after)

    assert counts(first) == (len(old), 0, 0, 0)
    assert counts(second) == (
        len(new.keys() - old.keys()),
        len(changed),
        len(old.keys() - new.keys()),
        len(old.keys() & new.keys()) - len(changed),
    )
    written = DesignationVersion.objects.filter(list_version=second.list_version)
    assert (
        set(written.filter(change=Change.CHANGED).values_list("designation__entry_key", flat=True))
        == changed
    )
    assert counts(second)[:3] == (553, 8, 0)
