import tracemalloc
from pathlib import Path

import pytest

from sanctions.staging import staged
from tests.sanctions.files import sdn_csv, sdn_entry, sdn_row, sdn_xml


def peak_bytes(path: Path) -> int:
    tracemalloc.start()
    try:
        with staged((path,), progress=lambda count: None) as staged_list:
            everything = frozenset(staged_list.hashes)
            for _ in staged_list.entries(everything):
                pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", ["xml", "csv"])
def test_memory_does_not_grow_with_what_the_entries_say(tmp_path: Path, shape: str) -> None:
    def list_of(text: str) -> Path:
        uids = range(1, 1001)
        if shape == "xml":
            return sdn_xml(tmp_path, *(sdn_entry(uid, f"<title>{text}</title>") for uid in uids))
        return sdn_csv(tmp_path, [sdn_row(uid, f"NAME {uid}", remarks=text) for uid in uids])

    small = peak_bytes(list_of("x"))
    large_path = list_of("x" * 4000)

    assert large_path.stat().st_size > 4_000_000
    assert peak_bytes(large_path) < small + 400_000


def test_it_gives_back_the_entries_asked_for(tmp_path: Path) -> None:
    path = sdn_xml(tmp_path, *(sdn_entry(uid, name=f"NAME {uid}\n") for uid in range(1, 6)))

    with staged((path,), progress=lambda count: None) as staged_list:
        found = dict(staged_list.entries(frozenset({"2", "4"})))

    assert {key: content["primary_name"] for key, content in found.items()} == {
        "2": "NAME 2",
        "4": "NAME 4",
    }
