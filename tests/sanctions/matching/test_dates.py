import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanctions.matching.dates import Agreement, agreement, parse_birth_date


@pytest.mark.parametrize(
    ("listed", "stated", "expected"),
    [
        ("05 Oct 1976", "5 October 1976", Agreement.SAME_DAY),
        ("1976-10-05", "05.10.1976", Agreement.SAME_DAY),
        ("1976-10-05", "October 5, 1976", Agreement.SAME_DAY),
        ("1976", "1976-10-05", Agreement.SAME_YEAR),
        ("circa 1965", "1967-01-02", Agreement.SAME_YEAR),
        ("1961 to 1963", "1962", Agreement.SAME_YEAR),
        ("Oct 1976", "5 Oct 1976", Agreement.SAME_YEAR),
        ("1976", "1977-02-02", Agreement.NEAR),
        ("01 Jan 1976", "5 Oct 1976", Agreement.NEAR),
        ("1976-05-10", "1976-10-05", Agreement.NEAR),
        ("1976-10-05", "1976-10-06", Agreement.DIFFERS),
        ("1976-10-05", "1986-10-05", Agreement.DIFFERS),
        ("1961 to 1963", "1970", Agreement.DIFFERS),
    ],
)
def test_two_birth_dates_stand_to_each_other(listed: str, stated: str, expected: Agreement) -> None:
    one, other = parse_birth_date(listed), parse_birth_date(stated)
    assert one is not None
    assert other is not None
    assert agreement(one, other) is expected


@pytest.mark.parametrize("text", ["", "unknown", "12/12", "99999"])
def test_a_text_without_a_year_is_no_birth_date(text: str) -> None:
    assert parse_birth_date(text) is None


def test_an_impossible_day_is_read_as_its_year() -> None:
    read = parse_birth_date("31 Feb 1976")
    assert read is not None
    assert (read.first_year, read.last_year, read.day) == (1976, 1976, None)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    read = parse_birth_date(text)
    assert read is None or read.first_year <= read.last_year
