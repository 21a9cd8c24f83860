"""The other direction: by what a profile is found when a new name comes onto a list.

Every profile that `Index.search` would find for a name shares a key with it, of one of the kinds
below. So profiles are kept under their keys, a name is asked for by its own, and only what
answers is compared in full.

A key is a text. Consonant keys are written in capitals; the other kinds begin with a sign:
`1` a consonant key of a profile that shows one name only, and a birth date; `~` the first letters
of a word in which several names may be run together; `@` a site.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from sanctions.matching.compare import (
    PreparedName,
    PreparedProfile,
    PreparedSubject,
    evidence_for,
    match_name,
    prepare_profile,
    score_pair,
)
from sanctions.matching.evidence import combined
from sanctions.matching.finding import DEFAULT_THRESHOLD, Finding, explained
from sanctions.matching.handles import MIN_GLUED_LETTERS, segment, unglue
from sanctions.matching.index import Index
from sanctions.matching.keys import (
    DOUBTFUL_RATIO,
    MIN_NEAR_KEY,
    SHARED_RATIO,
    indexed_tokens,
    sound_of,
)
from sanctions.matching.subjects import ScreenedProfile
from sanctions.matching.tokens import Token, make_token
from sanctions.matching.weights import TokenWeights

# Raise it with every change to what a profile is kept under, or to how names are read.
SCHEME = 1
ALONE, GLUED, SITE = "1", "~", "@"
# More names than this are not run together in one word.
_RUN_TOGETHER = 6


@dataclass(frozen=True, slots=True)
class ProfileKeys:
    """What a profile is kept under, and what is compared quickly before it is read in full.

    `sounds` has one text for each way in which the profile may name its owner; `glued` the words
    in which several names may be run together.
    """

    keys: frozenset[str]
    sounds: tuple[str, ...]
    glued: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NameKeys:
    """What is asked for one listed name.

    `certain` keys bring a profile forward by themselves, `single` ones if it sounds alike,
    `pairs` both together, and `near` any key up to one letter away, together with one of those
    beside it.
    """

    certain: frozenset[str]
    starts: frozenset[str]
    single: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    near: tuple[tuple[str, frozenset[str]], ...]

    @property
    def texts(self) -> set[str]:
        """Every key it speaks of, but those that are only near."""
        return {
            *self.certain,
            *self.starts,
            *self.single,
            *(key for pair in self.pairs for key in pair),
            *(key for _, beside in self.near for key in beside),
        }


def is_consonant_key(text: str) -> bool:
    """Whether a key can be near another one."""
    return len(text) >= MIN_NEAR_KEY and text[0] not in (ALONE, GLUED, SITE)


def profile_keys(profile: ScreenedProfile, vocabulary: Set[str]) -> ProfileKeys:
    """What a profile is kept under. `vocabulary` has the words of the lists (`Index`)."""
    prepared = prepare_profile(profile)
    keys = {SITE + site for site in prepared.sites}
    sounds: list[str] = []
    glued: list[str] = []
    for reading in prepared.readings:
        tokens = [token for token in reading.tokens if not token.is_decoration]
        if reading.glued:
            glued.append(reading.glued)
            keys.add(GLUED + reading.glued[:MIN_GLUED_LETTERS])
            tokens = [make_token(text) for text in segment(reading.glued, vocabulary)]
        if sum(token.is_name for token in tokens) >= 2:
            keys.update(key for token in indexed_tokens(tokens) for key in token.keys)
            sounds.append(sound_of(tokens))
        elif prepared.birth is not None:
            keys.update(ALONE + key for token in tokens for key in token.keys)
    return ProfileKeys(frozenset(keys), tuple(dict.fromkeys(sounds)), tuple(glued))


def name_keys(subject: PreparedSubject, name: PreparedName, index: Index) -> NameKeys:
    """What is asked for one name of a new entry. `index` is of all lists, with the new entry."""
    tokens = indexed_tokens(name.tokens)
    pairs = {
        (one, other) if one < other else (other, one)
        for first, second in combinations(tokens, 2)
        for one in first.keys
        for other in second.keys
    }
    single = frozenset(key for token in tokens for key in token.keys if not index.is_common(key))
    near = []
    for place, token in enumerate(tokens):
        beside = frozenset(
            key
            for at, other in enumerate(tokens)
            if at != place
            for key in other.keys
            if key not in single
        )
        if beside:
            near += [(key, beside) for key in token.keys if len(key) >= MIN_NEAR_KEY - 1]
    return NameKeys(
        certain=frozenset(
            {*(SITE + site for site in subject.sites), *(ALONE + key for key in single)}
        ),
        starts=frozenset(GLUED + start for start in _starts(name.tokens)),
        single=single,
        pairs=frozenset(pairs),
        near=tuple(near),
    )


def may_be_named(
    name: PreparedName, *, sounds: Iterable[str], glued: Iterable[str], shares_two: bool
) -> bool:
    """Whether a profile that shares a key with a name is worth comparing in full."""
    least = SHARED_RATIO if shares_two else DOUBTFUL_RATIO
    if extractOne(sound_of(name.tokens), sounds, scorer=ratio, score_cutoff=least):
        return True
    return any(unglue(word, name.tokens) for word in glued)


def finding_of(
    subject: PreparedSubject,
    names: Iterable[PreparedName],
    profile: PreparedProfile,
    weights: TokenWeights,
    *,
    threshold: float = DEFAULT_THRESHOLD,
) -> Finding | None:
    """The finding of a pair, if one of these names, or a site in common, reaches the threshold."""
    evidence = evidence_for(subject, profile)
    reached = evidence.website_agrees or any(
        combined(
            match_name(name, reading, kind=subject.subject.kind, weights=weights).score, evidence
        )
        >= threshold
        for name in names
        for reading in profile.readings
    )
    if not reached:
        return None
    scored = score_pair(subject, profile, weights)
    if scored.score < threshold:
        return None
    return explained(subject, profile, scored, weights, threshold=threshold)


def _starts(tokens: Sequence[Token]) -> set[str]:
    """The first letters of every word that runs these names, or an initial, together."""
    starts: set[str] = set()
    texts = tuple(dict.fromkeys(token.text for token in tokens))[:_RUN_TOGETHER]
    begun = [("", texts)]
    while begun:
        word, left = begun.pop()
        for text in left:
            others = tuple(other for other in left if other != text)
            for piece in (text, text[0]):
                longer = word + piece
                if len(longer) >= MIN_GLUED_LETTERS:
                    starts.add(longer[:MIN_GLUED_LETTERS])
                elif others and (piece is text or not word):
                    begun.append((longer, others))
    return starts
