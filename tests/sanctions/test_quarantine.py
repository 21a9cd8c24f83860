"""What cannot be trusted is kept, explained and not applied. The last good list keeps serving."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts.actors import LIST_SYNC
from accounts.models import AuditEvent
from sanctions.models import DesignationVersion, ListVersion, Source
from sanctions.sync import SyncResult, sync
from tests.sanctions.files import BEFORE, LISTED, LISTED_CSV, sdn_csv, sdn_entry, sdn_row, sdn_xml

BOMB = '<!DOCTYPE sdnList [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def sync_from(source: Source, *paths: Path, accept_shrink_reason: str = "") -> SyncResult:
    return sync(
        actor=LIST_SYNC,
        source=source,
        origins=[str(path) for path in paths],
        accept_shrink_reason=accept_shrink_reason,
    )


def written(folder: Path, data: bytes) -> Path:
    path = folder / "SDN.XML"
    path.write_bytes(data)
    return path


def a_list_of(folder: Path, size: int) -> Path:
    return sdn_csv(folder, [sdn_row(uid, f"NAME {uid}") for uid in range(1, size + 1)])


BAD_INPUT: dict[str, Callable[[Path], Path]] = {
    "empty": lambda folder: written(folder, b""),
    "truncated": lambda folder: written(folder, LISTED.read_bytes()[:20_000]),
    "html": lambda folder: written(folder, b"<!doctype html><html>Sorry</html>"),
    "entities_forbidden": lambda folder: sdn_xml(folder, sdn_entry(1, "&b;"), prolog=BOMB),
    "encoding": lambda folder: written(folder, LISTED_CSV[0].read_text().encode("utf-16")),
    "duplicate_key": lambda folder: sdn_xml(folder, sdn_entry(7), sdn_entry(7)),
    "unknown_namespace": lambda folder: sdn_xml(folder, sdn_entry(1), namespace="urn:other"),
    "unknown_layout": lambda folder: sdn_xml(folder, sdn_entry(1, "<nom/>")),
    "count_mismatch": lambda folder: sdn_xml(folder, sdn_entry(1), count=2),
    "shrunk": lambda folder: a_list_of(folder, 13),
}


@pytest.mark.parametrize("reason_code", BAD_INPUT)
def test_bad_input_is_quarantined_and_the_last_good_list_keeps_serving(
    sdn: Source, tmp_path: Path, media_root: Path, reason_code: str
) -> None:
    sync_from(sdn, BEFORE)
    listed = set(sdn.designations.listed().values_list("entry_key", "current_version"))
    bad = BAD_INPUT[reason_code](tmp_path)

    result = sync_from(sdn, bad)

    assert result.quarantined
    assert result.reason
    version = sdn.versions.get(state=ListVersion.State.QUARANTINED)
    assert version.reason_code == reason_code
    assert [file.read_bytes() for file in (media_root / version.raw_path).iterdir()] == [
        bad.read_bytes()
    ]
    assert set(sdn.designations.listed().values_list("entry_key", "current_version")) == listed
    assert sdn.versions.accepted().get().number == 1
    assert AuditEvent.objects.filter(verb="sanctions.list_quarantined").count() == 1


def test_a_bad_first_list_lists_nobody(sdn: Source, tmp_path: Path) -> None:
    result = sync_from(sdn, sdn_xml(tmp_path, sdn_entry(1), sdn_entry(1)))

    assert result.quarantined
    assert not sdn.designations.exists()


def test_a_fault_near_the_end_applies_nothing_of_what_came_before(
    sdn: Source, tmp_path: Path
) -> None:
    sync_from(sdn, BEFORE)
    text = LISTED.read_text().replace("<Record_Count>23<", "<Record_Count>24<")

    result = sync_from(sdn, written(tmp_path, text.encode()))

    assert result.quarantined
    assert not sdn.designations.filter(entry_key="23343").exists()
    assert DesignationVersion.objects.count() == 22


@pytest.mark.parametrize(("size", "is_quarantined"), [(80, False), (79, True), (60, True)])
def test_a_list_may_shrink_by_a_fifth_at_once(
    sdn: Source, tmp_path: Path, size: int, is_quarantined: bool
) -> None:
    sync_from(sdn, a_list_of(tmp_path, 100))

    result = sync_from(sdn, a_list_of(tmp_path, size))

    assert result.quarantined is is_quarantined
    assert sdn.designations.listed().count() == (100 if is_quarantined else size)


def test_a_shrunken_list_says_by_how_much(sdn: Source, tmp_path: Path) -> None:
    sync_from(sdn, a_list_of(tmp_path, 100))

    result = sync_from(sdn, a_list_of(tmp_path, 60))

    assert "60 entries, where version 1 had 100: 40 % fewer" in result.reason


def test_a_person_may_vouch_for_a_shrunken_list_with_a_reason(sdn: Source, tmp_path: Path) -> None:
    sync_from(sdn, a_list_of(tmp_path, 100))
    smaller = a_list_of(tmp_path, 60)
    sync_from(sdn, smaller)

    result = sync_from(sdn, smaller, accept_shrink_reason="The program was ended on 30 June.")

    assert (result.quarantined, result.delisted) == (False, 40)
    event = AuditEvent.objects.get(object_id=str(result.list_version.pk))
    assert event.reason == "The program was ended on 30 June."


def test_vouching_does_not_excuse_a_broken_list(sdn: Source, tmp_path: Path) -> None:
    sync_from(sdn, BEFORE)
    path = sdn_xml(tmp_path, sdn_entry(7), sdn_entry(7))

    assert sync_from(sdn, path, accept_shrink_reason="It is right.").quarantined


def test_a_file_cut_between_two_rows_is_not_a_delisting(sdn: Source, tmp_path: Path) -> None:
    rows = [sdn_row(uid, f"NAME {uid}") for uid in range(1, 101)]
    sync_from(sdn, sdn_csv(tmp_path, rows))

    result = sync_from(sdn, sdn_csv(tmp_path, rows[:95], end=""))

    assert result.quarantined
    assert "cut short between two rows" in result.reason


def test_vouching_for_a_shorter_list_does_not_excuse_a_cut_file(
    sdn: Source, tmp_path: Path
) -> None:
    rows = [sdn_row(uid, f"NAME {uid}") for uid in range(1, 101)]
    sync_from(sdn, sdn_csv(tmp_path, rows))

    cut = sdn_csv(tmp_path, rows[:60], end="")

    assert sync_from(sdn, cut, accept_shrink_reason="It is right.").quarantined


def test_an_entry_removed_from_the_middle_is_a_delisting_without_an_end_mark_too(
    sdn: Source, tmp_path: Path
) -> None:
    rows = [sdn_row(uid, f"NAME {uid}") for uid in range(1, 101)]
    sync_from(sdn, sdn_csv(tmp_path, rows))

    result = sync_from(sdn, sdn_csv(tmp_path, [*rows[:50], *rows[51:]], end=""))

    assert (result.quarantined, result.delisted) == (False, 1)


def test_the_same_bad_bytes_are_quarantined_once(sdn: Source, tmp_path: Path) -> None:
    sync_from(sdn, BEFORE)
    bad = written(tmp_path, b"")

    first, second = sync_from(sdn, bad), sync_from(sdn, bad)

    assert first.quarantined
    assert second.quarantined
    assert first.list_version == second.list_version


def test_a_good_list_after_a_bad_one_is_applied(sdn: Source, tmp_path: Path) -> None:
    sync_from(sdn, BEFORE)
    sync_from(sdn, written(tmp_path, gzip.compress(LISTED.read_bytes())[:500]))

    result = sync_from(sdn, LISTED)

    assert (result.quarantined, result.added) == (False, 1)
    assert sdn.versions.count() == 3
