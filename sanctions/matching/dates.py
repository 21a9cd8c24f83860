"""Dates of birth as lists and profiles write them, and how two of them stand to each other."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july",
            "aug august", "sep sept september", "oct october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_YEAR = r"(?P<{}>1[89]\d\d|20\d\d)"
_ISO = re.compile(_YEAR.format("y") + r"-(?P<m>\d{1,2})-(?P<d>\d{1,2})")
_DAY_FIRST = re.compile(r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./]" + _YEAR.format("y"))
_DAY_MONTH_WORD = re.compile(r"(?P<d>\d{1,2})\.? (?P<w>[a-z]+)\.?,? " + _YEAR.format("y"))
_MONTH_WORD_DAY = re.compile(r"(?P<w>[a-z]+)\.? (?P<d>\d{1,2}),? " + _YEAR.format("y"))
_YEAR_ALONE = re.compile(_YEAR.format("y"))
_ABOUT = re.compile(r"\b(?:circa|ca|c|approximately|approx|about|around|est)\b")
ABOUT_YEARS = 2


@dataclass(frozen=True, slots=True)
class BirthDate:
    """A day, or the years between which a birth lies. `day` is None unless a day is named."""

    first_year: int
    last_year: int
    day: date | None = None


class Agreement(StrEnum):
    SAME_DAY = "same day"
    SAME_YEAR = "same year"
    NEAR = "near"
    DIFFERS = "differs"


def _day(year: int, month: int, day: int) -> BirthDate:
    try:
        return BirthDate(year, year, date(year, month, day))
    except ValueError:
        return BirthDate(year, year)


@lru_cache(maxsize=1 << 14)
def parse_birth_date(text: str) -> BirthDate | None:
    """'05 Oct 1976', '1962', 'circa 1965', '1961 to 1963', '1976-10-05'.

    None when no year is in it. A month without a day is read as its year.
    """
    text = text[:80].strip().lower()
    for pattern in (_ISO, _DAY_FIRST):
        if match := pattern.search(text):
            return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    for pattern in (_DAY_MONTH_WORD, _MONTH_WORD_DAY):
        match = pattern.search(text)
        if match and match["w"] in _MONTHS:
            return _day(int(match["y"]), _MONTHS[match["w"]], int(match["d"]))
    years = [int(match["y"]) for match in _YEAR_ALONE.finditer(text)]
    if not years:
        return None
    spread = ABOUT_YEARS if _ABOUT.search(text) else 0
    return BirthDate(min(years) - spread, max(years) + spread)


def agreement(listed: BirthDate, stated: BirthDate) -> Agreement:
    """How the listed birth date and the stated one stand to each other.

    Day and month swapped, the first of January of the same year (how lists write a year only), or
    a neighbouring year, is near: too little to agree, too much to differ.
    """
    if listed.day and stated.day:
        if listed.day == stated.day:
            return Agreement.SAME_DAY
        if listed.day.year == stated.day.year:
            year_only = (1, 1) in (
                (listed.day.month, listed.day.day),
                (stated.day.month, stated.day.day),
            )
            swapped = (listed.day.month, listed.day.day) == (stated.day.day, stated.day.month)
            return Agreement.NEAR if year_only or swapped else Agreement.DIFFERS
    if listed.first_year <= stated.last_year and stated.first_year <= listed.last_year:
        return Agreement.SAME_YEAR
    gap = max(listed.first_year - stated.last_year, stated.first_year - listed.last_year)
    vague = listed.day is None or stated.day is None
    return Agreement.NEAR if gap == 1 and vague else Agreement.DIFFERS
