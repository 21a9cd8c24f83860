"""Promise 3: whoever has the media directory alone has random names, noise, few sizes, days."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intake.attachments import store
from intake.attachments.streams import CHUNK_BYTES
from tests.intake.zone import Reporter

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

MAGIC = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"ftyp", b"%PDF", b"PK\x03\x04")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 5_000
FILES = {
    "short.txt": b"a",
    "longer.txt": b"a" * 60_000,
    "canary-name.pdf": b"%PDF-1.7\n" + b"x" * 90_000,
    "canary-name.png": PNG,
}


@pytest.fixture
def stored(reporter: Reporter) -> list[Path]:
    """What lies in the media directory after a report with four files."""
    reporter.ask_for_files()
    for name, content in FILES.items():
        assert reporter.add_file(name, content, add="1").is_redirect
    return sorted(store.directory().iterdir())


def test_names_are_random_and_tell_nothing(stored: list[Path]) -> None:
    """Shown to fail by storing a file under the name it came with."""
    assert len(stored) == len(FILES)
    assert all(re.fullmatch(r"[0-9a-f]{32}", path.name) for path in stored)


def test_no_file_begins_as_its_kind_does_or_repeats_itself(stored: list[Path]) -> None:
    """Shown to fail by a `Sealer` that writes its chunks as they are."""
    for path in stored:
        content = path.read_bytes()
        assert not any(magic in content[:64] for magic in MAGIC)
        # Noise: no byte is much more frequent than another, zeros of the padding included.
        most = max(content.count(bytes([value])) for value in range(256))
        assert most < 2 * len(content) / 256


def test_sizes_are_powers_of_two_of_chunks(stored: list[Path]) -> None:
    """Shown to fail by ending `Sealer.finish` after the last byte of the file.

    A file of one byte and one of 60,000 are the same size.
    """
    overhead = 17
    chunks = [
        path.stat().st_size // (CHUNK_BYTES + overhead) for path in stored if path.stat().st_size
    ]
    assert sorted(chunks) == [1, 1, 1, 2]
    assert len({path.stat().st_size for path in stored}) == 2


def test_times_are_those_of_the_day(stored: list[Path]) -> None:
    """Shown to fail by leaving `os.utime` out of `Unfinished.complete`."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()
    for path in stored:
        assert path.stat().st_mtime in (midnight, midnight - 24 * 3600)
        assert path.stat().st_mtime % (24 * 3600) == 0
