import json
import pickle
from pathlib import Path

import pytest

from sanctions.matching import Index, ScreenedProfile
from sanctions.matching.artefact import VERSION, UnreadableArtefact

PROFILES = (
    ScreenedProfile("rkadyrov_95", "Рамзан Кадыров", date_of_birth="1976"),
    ScreenedProfile("u", "قاسم سليماني"),
    ScreenedProfile("miloraddodik"),
)


def test_a_loaded_index_finds_what_the_built_one_finds(index: Index, tmp_path: Path) -> None:
    index.save(tmp_path / "list.idx")
    loaded = Index.load(tmp_path / "list.idx")
    for profile in PROFILES:
        assert index.search(profile)
        assert loaded.search(profile) == index.search(profile)
    assert [path.name for path in tmp_path.iterdir()] == ["list.idx"]


def test_an_index_can_be_handed_to_another_process(index: Index) -> None:
    copy = pickle.loads(pickle.dumps(index))  # noqa: S301  (our own bytes, written above)
    for profile in PROFILES:
        assert copy.search(profile) == index.search(profile)


def test_another_format_version_is_refused(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "list.idx"
    index.save(path)
    first, _, body = path.read_bytes().partition(b"\n")
    header = json.loads(first) | {"version": VERSION + 1}
    path.write_bytes(json.dumps(header).encode() + b"\n" + body)
    with pytest.raises(UnreadableArtefact, match="Build it again"):
        Index.load(path)


def test_a_damaged_file_is_refused(index: Index, tmp_path: Path) -> None:
    path = tmp_path / "list.idx"
    index.save(path)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00\x01")
    with pytest.raises(UnreadableArtefact, match="damaged"):
        Index.load(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"[]\n", b"{}\n"])
def test_a_file_that_is_no_index_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.idx"
    path.write_bytes(content)
    with pytest.raises(UnreadableArtefact, match="not a matching index"):
        Index.load(path)


def test_an_empty_list_gives_an_index_that_finds_nothing(tmp_path: Path) -> None:
    Index.build([]).save(tmp_path / "empty.idx")
    assert Index.load(tmp_path / "empty.idx").search(PROFILES[0]) == []
