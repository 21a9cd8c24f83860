"""How alike two names are: tokens aligned, weighed by rarity, conflicts counted against.

Two names are alike when the tokens of one find partners in the other. What stays without a partner
on one side only was left out or added, which people do all the time. What stays on both sides is a
conflict: another given name beside the same surname is another person.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

from sanctions.matching.handles import same_letters_glued, unglue
from sanctions.matching.similarity import MIN_SIMILARITY, similarity
from sanctions.matching.subjects import SubjectKind
from sanctions.matching.tokens import Token, joined, make_token
from sanctions.matching.weights import TokenWeights

# A name of which only one real token was found is never enough (DESIGN, Screening).
SINGLE_NAME_CAP = 0.60
_INITIAL_SIMILARITY = 0.75
_MAX_JOIN_DIFFERENCE = 3
# What it costs when a token of this kind is missing, against an ordinary one.
_PATRONYMIC_MISSING = 0.35
_MIDDLE_MISSING = 0.6
_CONFLICT_COST = 1.7
_ADDITION_COST = 0.55
_OMISSION_COST: dict[SubjectKind, float] = {
    "person": 0.45,
    "organisation": 0.95,
    "vessel": 0.95,
    "aircraft": 0.95,
}
# How much a difference in spelling says against a name. A person's name is written by ear and by
# many conventions; what is written for an organisation or a ship is its name.
_SPELLING_COST: dict[SubjectKind, float] = {
    "person": 1.0,
    "organisation": 2.0,
    "vessel": 2.0,
    "aircraft": 2.0,
}
# Rarity that two tokens must bring together to count in full. Two names that occur once in a list
# of 34,000 bring 2.0; Ali Hassan brings about 0.5.
_FULL_RARITY = 1.3


@dataclass(frozen=True, slots=True)
class Pair:
    """Listed tokens and profile tokens that stand for the same part of a name, by position."""

    listed: tuple[int, ...]
    profile: tuple[int, ...]
    similarity: float
    initial: bool = False


@dataclass(frozen=True, slots=True)
class NameComparison:
    """The score of two names, 0..1, and what was paired. `tokens` is the profile side as read."""

    score: float
    pairs: tuple[Pair, ...] = ()
    tokens: tuple[Token, ...] = ()
    # For a glued word: where each of `tokens` stands in it.
    pieces: tuple[tuple[str, int, int], ...] = ()
    names_found: int = 0
    conflict: float = 0.0


NO_COMPARISON = NameComparison(0.0)


def compare_names(
    listed: Sequence[Token],
    stated: Sequence[Token],
    *,
    glued: str,
    weights: TokenWeights,
    kind: SubjectKind,
    least: float = 0.0,
) -> NameComparison:
    """Compare a listed name with the tokens of a profile's text. `glued` is set for one word.

    Names whose score is sure to stay below `least` may be given as no comparison at all: most
    candidates are, and they need not be gone through to the end.
    """
    pieces: tuple[tuple[str, int, int], ...] = ()
    if glued:
        pieces = unglue(glued, listed) or ()
        if pieces:
            decoration = tuple(token for token in stated if token.is_decoration)
            stated = (*(make_token(text) for text, _, _ in pieces), *decoration)
        elif same_letters_glued(glued, listed):
            everything = tuple(range(len(listed)))
            place = next(i for i, token in enumerate(stated) if token.text == glued)
            pair = Pair(everything, (place,), 0.95)
            return _scored(listed, stated, [pair], weights=weights, kind=kind, pieces=())
    partners = [
        (i, j, alike)
        for i, token in enumerate(listed)
        for j, other in enumerate(stated)
        if (alike := similarity(token, other)) >= MIN_SIMILARITY
    ]
    if least and not may_reach(least, listed, stated, partners, weights=weights, kind=kind):
        return NO_COMPARISON
    pairs = _aligned(listed, stated, partners, weights)
    return _scored(listed, stated, pairs, weights=weights, kind=kind, pieces=pieces)


def may_reach(
    least: float,
    listed: Sequence[Token],
    stated: Sequence[Token],
    partners: Sequence[tuple[int, int, float]],
    *,
    weights: TokenWeights,
    kind: SubjectKind,
) -> bool:
    """Whether the score can be `least` at best: every token with a partner has it, and alike.

    The score only falls with what is missing and what is extra, so that what has no partner in
    any case gives a bound.
    """
    with_listed = {i for i, _, _ in partners}
    with_stated = {j for _, j, _ in partners}
    if len(partners) == len(with_listed) == len(with_stated):
        # Nobody competes for a partner, so that everything else stays free.
        alone_listed = [i for i in range(len(listed)) if i not in with_listed]
        alone_stated = [j for j in range(len(stated)) if j not in with_stated]
    else:
        alone_listed, alone_stated = list(range(len(listed))), list(range(len(stated)))
    if _may_pair_otherwise(listed, stated, alone_listed, alone_stated):
        return True
    if least > SINGLE_NAME_CAP:
        names = {i for i, _, alike in partners if alike > MIN_SIMILARITY and listed[i].is_name}
        if len(names) < 2:
            return False
    shares = _shares(listed, stated, with_listed, with_stated, weights)
    return shares is not None and shares.score(kind, alike=1.0) >= least


def _may_pair_otherwise(
    listed: Sequence[Token],
    stated: Sequence[Token],
    alone_listed: Sequence[int],
    alone_stated: Sequence[int],
) -> bool:
    """Whether free tokens may find a partner as initials, or two of them joined."""
    for i in alone_listed:
        one = listed[i]
        for j in alone_stated:
            other = stated[j]
            if (one.is_initial or other.is_initial) and one.text[0] == other.text[0]:
                return True
    return _may_join(listed, alone_listed, stated, alone_stated) or _may_join(
        stated, alone_stated, listed, alone_listed
    )


def _may_join(
    apart: Sequence[Token],
    alone_apart: Sequence[int],
    whole: Sequence[Token],
    alone_whole: Sequence[int],
) -> bool:
    """Whether two free neighbours are together about as long as a free token of `whole`."""
    for i, following in pairwise(alone_apart):
        if following == i + 1:
            letters = len(apart[i].text) + len(apart[following].text)
            for j in alone_whole:
                if abs(len(whole[j].text) - letters) <= _MAX_JOIN_DIFFERENCE:
                    return True
    return False


def _aligned(
    listed: Sequence[Token],
    stated: Sequence[Token],
    partners: Sequence[tuple[int, int, float]],
    weights: TokenWeights,
) -> list[Pair]:
    """The best partner for each token, strongest pairs first; then words written apart."""
    possible = [
        (alike * weights.of(listed[i]), -abs(i - j), alike, i, j) for i, j, alike in partners
    ]
    possible.sort(reverse=True)
    free_listed = set(range(len(listed)))
    free_stated = set(range(len(stated)))
    pairs = []
    for _, _, alike, i, j in possible:
        if i in free_listed and j in free_stated:
            free_listed.discard(i)
            free_stated.discard(j)
            pairs.append(Pair((i,), (j,), alike))
    if free_listed and free_stated:
        pairs.extend(_written_apart(listed, stated, free_listed, free_stated))
    if free_listed and free_stated:
        pairs.extend(_initials(listed, stated, free_listed, free_stated))
    return pairs


def _written_apart(
    listed: Sequence[Token], stated: Sequence[Token], free_listed: set[int], free_stated: set[int]
) -> list[Pair]:
    """Two words on one side that are one word on the other: Yong Won, Yongwon."""
    pairs = []
    for i, j, alike in _joins(listed, free_listed, stated, free_stated):
        if {i, i + 1} <= free_listed and j in free_stated:
            pairs.append(Pair((i, i + 1), (j,), alike))
            free_listed -= {i, i + 1}
            free_stated.discard(j)
    for j, i, alike in _joins(stated, free_stated, listed, free_listed):
        if {j, j + 1} <= free_stated and i in free_listed:
            pairs.append(Pair((i,), (j, j + 1), alike))
            free_stated -= {j, j + 1}
            free_listed.discard(i)
    return pairs


def _joins(
    apart: Sequence[Token], free_apart: set[int], whole: Sequence[Token], free_whole: set[int]
) -> list[tuple[int, int, float]]:
    """(first of two neighbours in `apart`, the one in `whole` they make up, how alike)."""
    found = []
    for i in sorted(free_apart):
        if i + 1 not in free_apart:
            continue
        letters = len(apart[i].text) + len(apart[i + 1].text)
        for j in sorted(free_whole):
            if abs(len(whole[j].text) - letters) <= _MAX_JOIN_DIFFERENCE:
                alike = similarity(joined((apart[i], apart[i + 1])), whole[j])
                if alike >= MIN_SIMILARITY:
                    found.append((i, j, alike))
    return found


def _initials(
    listed: Sequence[Token], stated: Sequence[Token], free_listed: set[int], free_stated: set[int]
) -> list[Pair]:
    pairs = []
    for i in sorted(free_listed):
        for j in sorted(free_stated):
            one, other = listed[i], stated[j]
            if (one.is_initial or other.is_initial) and one.text[0] == other.text[0]:
                pairs.append(Pair((i,), (j,), _INITIAL_SIMILARITY, initial=True))
                free_listed.discard(i)
                free_stated.discard(j)
                break
    return pairs


def _missing_factor(token: Token, *, at_end: bool) -> float:
    """People leave out patronymics and middle names, seldom the first or the last name."""
    if token.is_patronymic:
        return _PATRONYMIC_MISSING
    return 1.0 if at_end else _MIDDLE_MISSING


@dataclass(frozen=True, slots=True)
class _Shares:
    """What was found of a name, by weight, and which share of each side has no partner."""

    found: float
    missing: float
    extra: float
    has_syllables: bool

    @property
    def conflict(self) -> float:
        return min(self.missing, self.extra)

    def score(self, kind: SubjectKind, *, alike: float) -> float:
        """The score of the names, 0..1 or below; the more is missing or extra, the lower."""
        conflict = self.conflict
        omission = self.missing - conflict
        addition = self.extra - conflict
        rarity = min(1.0, self.found / _FULL_RARITY)
        if self.has_syllables:
            # Every syllable of such a name is needed: what is left over counts as a conflict.
            score = 1.0 - _CONFLICT_COST * (conflict + omission + addition)
        else:
            score = 1.0 - _CONFLICT_COST * conflict - _OMISSION_COST[kind] * omission
            score -= _ADDITION_COST * addition
        # Few letters wrong in a whole name are a typing error; in half a name they are doubt.
        unpaired = min(1.0, omission + addition + conflict)
        score *= 1.0 - (_SPELLING_COST[kind] + 2.0 * unpaired) * (1.0 - alike)
        return score * (1.0 - (1.0 - rarity) * (0.25 + 0.75 * min(1.0, 2 * unpaired)))


def _shares(
    listed: Sequence[Token],
    stated: Sequence[Token],
    paired_listed: Set[int],
    paired_stated: Set[int],
    weights: TokenWeights,
) -> _Shares | None:
    """None when nothing was found that weighs anything."""
    names = [i for i, token in enumerate(listed) if token.is_name]
    first, last = (names[0], names[-1]) if names else (-1, -1)
    found = missing = 0.0
    for i, token in enumerate(listed):
        if i in paired_listed:
            found += weights.of(token)
        else:
            missing += weights.of(token) * _missing_factor(token, at_end=i in (first, last))
    if not found:
        return None
    stated_found = extra = 0.0
    for j, token in enumerate(stated):
        if token.is_decoration:
            continue
        if j in paired_stated:
            stated_found += weights.of(token)
        else:
            extra += weights.of(token) * _missing_factor(token, at_end=True)
    return _Shares(
        found=found,
        missing=missing / (found + missing),
        extra=extra / (max(found, stated_found) + extra),
        has_syllables=any(token.is_syllable for token in (*listed, *stated)),
    )


def _scored(
    listed: Sequence[Token],
    stated: Sequence[Token],
    pairs: list[Pair],
    *,
    weights: TokenWeights,
    kind: SubjectKind,
    pieces: tuple[tuple[str, int, int], ...],
) -> NameComparison:
    paired_listed = {i for pair in pairs for i in pair.listed}
    paired_stated = {j for pair in pairs for j in pair.profile}
    shares = _shares(listed, stated, paired_listed, paired_stated, weights)
    if shares is None:
        return NO_COMPARISON
    alike = (
        sum(weights.of(listed[i]) * pair.similarity for pair in pairs for i in pair.listed)
        / shares.found
    )
    names_found = sum(
        1
        for pair in pairs
        if not pair.initial
        for i in pair.listed
        if listed[i].is_name and pair.similarity > MIN_SIMILARITY
    )
    score = shares.score(kind, alike=alike)
    if names_found < 2:
        score = min(score, SINGLE_NAME_CAP)
    return NameComparison(
        score=min(1.0, max(0.0, score)),
        pairs=tuple(pairs),
        tokens=tuple(stated),
        pieces=pieces,
        names_found=names_found,
        conflict=shares.conflict,
    )
