"""From a name's score and everything else known to one score."""

from dataclasses import dataclass
from functools import lru_cache

from sanctions.matching.dates import Agreement, BirthDate, agreement

# A weak alias alone stays below the threshold whatever its letters say (OFAC FAQ 124).
WEAK_ALIAS_CAP = 0.62
# So does a page that speaks about the person.
SPEAKS_ABOUT_CAP = 0.55

# Agreement closes this part of the gap to certainty; disagreement keeps this part of the score.
_BIRTH_CLOSES = {Agreement.SAME_DAY: 0.50, Agreement.SAME_YEAR: 0.20}
_BIRTH_KEEPS = {Agreement.NEAR: 0.92, Agreement.DIFFERS: 0.52}
_COUNTRY_CLOSES = 0.08
_COUNTRY_KEEPS = 0.96
# Strong, yet below the threshold without any name: fans and press link the same site.
_WEBSITE_CLOSES = 0.60


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known beside the name. None means that one side says nothing."""

    birth: Agreement | None = None
    country_agrees: bool | None = None
    website_agrees: bool | None = None


_BEST_FIRST = list(Agreement)


def birth_agreement(
    listed: tuple[BirthDate | None, ...], stated: BirthDate | None
) -> tuple[Agreement, int] | None:
    """The best agreement among the listed dates, and which date gave it; None if one side is mute.

    A listed date that could not be read (None) is passed over.
    """
    if stated is None:
        return None
    found = [(agreement(date, stated), place) for place, date in enumerate(listed) if date]
    return min(found, key=lambda one: (_BEST_FIRST.index(one[0]), one[1]), default=None)


def combined(name_score: float, evidence: Evidence) -> float:
    """One score, 0..1. It never falls when a piece of evidence is replaced by a better one."""
    score = name_score
    if evidence.website_agrees:
        score += (1.0 - score) * _WEBSITE_CLOSES
    if evidence.birth is not None:
        score += (1.0 - score) * _BIRTH_CLOSES.get(evidence.birth, 0.0) * min(1.0, name_score / 0.5)
        score *= _BIRTH_KEEPS.get(evidence.birth, 1.0)
    if evidence.country_agrees:
        score += (1.0 - score) * _COUNTRY_CLOSES * name_score
    elif evidence.country_agrees is False:
        score *= _COUNTRY_KEEPS
    return min(1.0, max(0.0, score))


@lru_cache(maxsize=1024)
def least_name_score(threshold: float, evidence: Evidence) -> float:
    """A name score, less than 0.001 below the lowest with which this evidence may reach.

    A score only rises with the name's (`combined`), so that the place is found by halving.
    """
    low, high = 0.0, 1.0
    while high - low > 0.001:
        middle = (low + high) / 2
        if combined(middle, evidence) >= threshold:
            high = middle
        else:
            low = middle
    return low
