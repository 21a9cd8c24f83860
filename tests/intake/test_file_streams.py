"""A sealed file opens whole, in its place, with its key, and in no other way."""

import io
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.attachments import kinds, streams
from intake.attachments.kinds import Kind
from intake.attachments.streams import CHUNK_BYTES, HEADER_BYTES, TAG_BYTES
from intake.envelopes import NotOpened, Place

KEY = bytes(range(32))
SEALED_CHUNK = CHUNK_BYTES + TAG_BYTES
PLACE = Place("intake_attachment", "original", UUID(int=1), UUID(int=2))
contents = st.one_of(
    st.binary(max_size=300),
    st.sampled_from([CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]).map(
        lambda size: b"\x80\0" * (size // 2) + b"\0" * (size % 2)
    ),
)


def sealed(content: bytes, place: Place = PLACE) -> bytes:
    written = io.BytesIO()
    streams.seal_whole(streams.file_key(KEY, place), content, written.write)
    return written.getvalue()


def opened(stream: bytes, place: Place = PLACE) -> bytes:
    return streams.open_whole(streams.file_key(KEY, place), io.BytesIO(stream).read)


@given(content=contents, cuts=st.lists(st.integers(min_value=0, max_value=70_000), max_size=4))
@settings(max_examples=40, deadline=None)
def test_what_arrives_in_pieces_opens_whole(content: bytes, cuts: list[int]) -> None:
    written = io.BytesIO()
    sealer = streams.Sealer(streams.file_key(KEY, PLACE), written.write)
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
        sealer.add(content[start:end])
    sealer.finish()
    assert opened(written.getvalue()) == content


@given(size=st.integers(min_value=0, max_value=6 * CHUNK_BYTES))
@settings(max_examples=25, deadline=None)
def test_a_size_is_one_of_few(size: int) -> None:
    """Shown to fail by ending the stream after the file's last byte."""
    stream = sealed(b"x" * size)
    chunks, rest = divmod(len(stream) - HEADER_BYTES - TAG_BYTES, SEALED_CHUNK)
    assert rest == 0
    assert chunks in (1, 2, 4, 8)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_one_flipped_bit_is_refused(data: st.DataObject) -> None:
    stream = bytearray(sealed(b"text"))
    stream[data.draw(st.integers(min_value=0, max_value=len(stream) - 1))] ^= 1
    with pytest.raises(NotOpened):
        opened(bytes(stream))


@given(keep=st.integers(min_value=0, max_value=HEADER_BYTES + 2 * SEALED_CHUNK + TAG_BYTES - 1))
@settings(max_examples=40, deadline=None)
def test_a_stream_that_was_cut_is_refused(keep: int) -> None:
    """Shown to fail by ending `_chunks` where there is nothing more to read."""
    with pytest.raises(NotOpened):
        opened(sealed(b"x" * CHUNK_BYTES)[:keep])


def test_chunks_in_another_order_or_dropped_are_refused() -> None:
    stream = sealed(b"a" * CHUNK_BYTES + b"b" * (CHUNK_BYTES - 1))
    header, rest = stream[:HEADER_BYTES], stream[HEADER_BYTES:]
    first, second, end = rest[:SEALED_CHUNK], rest[SEALED_CHUNK:-TAG_BYTES], rest[-TAG_BYTES:]
    for other in (second + first + end, second + end, first + end, first + second + end + end):
        with pytest.raises(NotOpened):
            opened(header + other)


@pytest.mark.parametrize(
    "other",
    [
        Place("intake_attachment", "cleaned", UUID(int=1), UUID(int=2)),
        Place("intake_attachment", "original", UUID(int=3), UUID(int=2)),
        Place("intake_attachment", "original", UUID(int=1), UUID(int=3)),
    ],
    ids=["as its clean copy", "to another report", "to another row"],
)
def test_a_file_that_was_moved_is_refused(other: Place) -> None:
    """Shown to fail by leaving the place out of `file_key`."""
    with pytest.raises(NotOpened):
        opened(sealed(b"text"), other)


@given(name=st.text(max_size=300))
def test_no_name_is_kept_with_a_path_or_what_nobody_sees(name: str) -> None:
    kept = kinds.plain_name(name)
    assert not {"/", "\\", "\0", "\u202e"} & set(kept)
    assert len(kept) <= max(kinds.LONGEST_NAME_CHARACTERS, len(name.rpartition(".")[2]) + 1)


@given(head=st.binary(max_size=1024))
def test_no_bytes_are_two_kinds_at_once(head: bytes) -> None:
    """A text may begin with anything readable, so it is left out."""
    pictures = [kind for kind in Kind if kind != Kind.TXT and kinds.begins_like(kind, head)]
    assert len(pictures) <= 1
