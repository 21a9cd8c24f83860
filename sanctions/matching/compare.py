"""One list entry against one profile: every name against every reading, then the evidence."""

from dataclasses import dataclass

from sanctions.matching.countries import country_codes
from sanctions.matching.dates import BirthDate, parse_birth_date
from sanctions.matching.evidence import (
    SPEAKS_ABOUT_CAP,
    WEAK_ALIAS_CAP,
    Evidence,
    birth_agreement,
    combined,
)
from sanctions.matching.names import NameComparison, compare_names
from sanctions.matching.readings import Reading, readings_of
from sanctions.matching.subjects import ListedName, ListedSubject, ScreenedProfile, SubjectKind
from sanctions.matching.tokens import Token, placed_tokens
from sanctions.matching.websites import site_of
from sanctions.matching.weights import TokenWeights


@dataclass(frozen=True, slots=True)
class PreparedName:
    listed: ListedName
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class PreparedSubject:
    """A list entry with its texts read once."""

    subject: ListedSubject
    names: tuple[PreparedName, ...]
    births: tuple[BirthDate | None, ...]
    countries: frozenset[str]
    sites: frozenset[str]


@dataclass(frozen=True, slots=True)
class PreparedProfile:
    """A profile with its texts read once."""

    profile: ScreenedProfile
    readings: tuple[Reading, ...]
    birth: BirthDate | None
    countries: frozenset[str]
    sites: frozenset[str]


@dataclass(frozen=True, slots=True)
class NameMatch:
    """One listed name compared with one reading. `score` has the caps in it."""

    score: float
    name: PreparedName
    reading: Reading
    comparison: NameComparison


@dataclass(frozen=True, slots=True)
class Scored:
    """The score of a pair and what it was made of. `matches` is best first, zeros left out."""

    score: float
    matches: tuple[NameMatch, ...]
    evidence: Evidence

    @property
    def name_score(self) -> float:
        return self.matches[0].score if self.matches else 0.0


def prepare_name(name: ListedName) -> PreparedName:
    return PreparedName(name, tuple(placed.token for placed in placed_tokens(name.text)))


def prepare_subject(
    subject: ListedSubject, names: tuple[PreparedName, ...] | None = None
) -> PreparedSubject:
    return PreparedSubject(
        subject=subject,
        names=tuple(map(prepare_name, subject.names)) if names is None else names,
        births=tuple(map(parse_birth_date, subject.dates_of_birth)),
        countries=frozenset().union(*map(country_codes, subject.countries)),
        sites=frozenset(map(site_of, subject.websites)) - {""},
    )


def prepare_profile(profile: ScreenedProfile) -> PreparedProfile:
    return PreparedProfile(
        profile=profile,
        readings=readings_of(profile),
        birth=parse_birth_date(profile.date_of_birth),
        countries=country_codes(profile.country),
        sites=frozenset(map(site_of, profile.links[:MAX_LINKS])) - {""},
    )


# More links than this are a link farm, not an owner's own pages.
MAX_LINKS = 20


def evidence_for(subject: PreparedSubject, profile: PreparedProfile) -> Evidence:
    birth = birth_agreement(subject.births, profile.birth)
    both_countries = subject.countries and profile.countries
    both_sites = subject.sites and profile.sites
    return Evidence(
        birth=birth[0] if birth else None,
        country_agrees=bool(subject.countries & profile.countries) if both_countries else None,
        website_agrees=bool(subject.sites & profile.sites) if both_sites else None,
    )


def match_name(
    name: PreparedName,
    reading: Reading,
    *,
    kind: SubjectKind,
    weights: TokenWeights,
    least: float = 0.0,
) -> NameMatch:
    """Compare one listed name with one reading. Weak aliases and pages about someone are capped.

    A score that is sure to stay below `least` may be given as 0.
    """
    comparison = compare_names(
        name.tokens,
        reading.tokens,
        glued=reading.glued,
        weights=weights,
        kind=kind,
        least=least,
    )
    score = comparison.score
    if name.listed.quality == "weak":
        score = min(score, WEAK_ALIAS_CAP)
    if reading.speaks_about:
        score = min(score, SPEAKS_ABOUT_CAP)
    return NameMatch(score, name, reading, comparison)


def score_pair(subject: PreparedSubject, profile: PreparedProfile, weights: TokenWeights) -> Scored:
    matches = [
        match
        for name in subject.names
        for reading in profile.readings
        if (match := match_name(name, reading, kind=subject.subject.kind, weights=weights)).score
    ]
    matches.sort(key=lambda match: (-match.score, match.name.listed.role != "primary"))
    evidence = evidence_for(subject, profile)
    score = combined(matches[0].score if matches else 0.0, evidence)
    return Scored(round(score, 4), tuple(matches), evidence)
