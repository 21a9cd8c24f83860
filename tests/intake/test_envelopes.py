"""What is sealed opens where it lies with its key, and nowhere else."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import envelopes
from intake.envelopes import NotOpened, Place, TooLong

texts = st.text(max_size=2_000)
places = st.builds(
    Place,
    table=st.sampled_from(["intake_report", "intake_message"]),
    column=st.sampled_from(["narrative", "person", "text"]),
    report=st.uuids(),
    row=st.uuids(),
    position=st.integers(min_value=0, max_value=500),
)
KEY = bytes(range(32))
PRIVATE, PUBLIC = envelopes.new_key_pair()


@given(text=texts, place=places)
def test_what_is_sealed_opens_in_its_place(text: str, place: Place) -> None:
    assert envelopes.unseal(KEY, envelopes.seal(KEY, text, place), place) == text


@given(text=texts, place=places, other=places)
def test_it_does_not_open_in_another_place(text: str, place: Place, other: Place) -> None:
    if place == other:
        return
    with pytest.raises(NotOpened):
        envelopes.unseal(KEY, envelopes.seal(KEY, text, place), other)


@given(text=texts, place=places, data=st.data())
def test_one_flipped_bit_is_refused(text: str, place: Place, data: st.DataObject) -> None:
    sealed = bytearray(envelopes.seal(KEY, text, place))
    bit = data.draw(st.integers(min_value=0, max_value=len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotOpened):
        envelopes.unseal(KEY, bytes(sealed), place)


@given(text=texts, place=places, data=st.data())
def test_a_cut_value_is_refused(text: str, place: Place, data: st.DataObject) -> None:
    sealed = envelopes.seal(KEY, text, place)
    kept = data.draw(st.integers(min_value=0, max_value=len(sealed) - 1))
    with pytest.raises(NotOpened):
        envelopes.unseal(KEY, sealed[:kept], place)


@given(one=st.text(max_size=60), other=st.text(max_size=60))
def test_short_texts_have_one_length(one: str, other: str) -> None:
    place = Place("intake_report", "person", UUID(int=1), UUID(int=1))
    assert len(envelopes.seal(KEY, one, place)) == len(envelopes.seal(KEY, other, place))


def test_every_length_up_to_the_largest_survives_padding() -> None:
    for size in envelopes.PADDED_SIZES:
        for length in (size - 5, size - 4):
            data = b"x" * length
            assert envelopes.unpad(envelopes.pad(data)) == data


def test_more_than_the_largest_is_refused() -> None:
    with pytest.raises(TooLong):
        envelopes.pad(b"x" * (envelopes.LARGEST_TEXT_BYTES + 1))


@pytest.mark.parametrize("what", ["kid", "row", "key"])
def test_a_wrap_opens_for_its_epoch_its_row_and_its_key_only(what: str) -> None:
    place = Place("intake_keywrap", "wrapped", uuid4(), uuid4())
    wrapped = envelopes.wrap_for_desk(KEY, PUBLIC, "0001", place)
    assert envelopes.unwrap_for_desk(wrapped, PRIVATE, "0001", place) == KEY
    kid = "0002" if what == "kid" else "0001"
    row = Place(place.table, place.column, place.report, uuid4()) if what == "row" else place
    private = envelopes.new_key_pair()[0] if what == "key" else PRIVATE
    with pytest.raises(NotOpened):
        envelopes.unwrap_for_desk(wrapped, private, kid, row)
