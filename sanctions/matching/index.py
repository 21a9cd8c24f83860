"""The index: every listed name, found from a profile by the tokens they share.

A match needs two tokens, so the main postings are by pairs of consonant keys: few rows each, and no
single common name is ever walked through. Rare keys have postings of their own, for the partner
that was misspelled; keys one letter apart are found through their deletions (as SymSpell does).
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Self, TypedDict

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extract_iter

from sanctions.matching import artefact
from sanctions.matching.compare import (
    PreparedName,
    PreparedProfile,
    PreparedSubject,
    evidence_for,
    match_name,
    prepare_profile,
    prepare_subject,
    score_pair,
)
from sanctions.matching.evidence import combined, least_name_score
from sanctions.matching.finding import DEFAULT_THRESHOLD, Finding, explained
from sanctions.matching.handles import segment
from sanctions.matching.keys import (
    DOUBTFUL_RATIO,
    MIN_NEAR_KEY,
    RARE_NAMES,
    SHARED_RATIO,
    indexed_tokens,
    letters_of,
    near_forms,
    sound_of,
)
from sanctions.matching.names import SINGLE_NAME_CAP
from sanctions.matching.postings import Postings
from sanctions.matching.readings import Reading
from sanctions.matching.subjects import ListedName, ListedSubject, ScreenedProfile
from sanctions.matching.tokens import Token, make_token
from sanctions.matching.weights import TokenWeights

# Names of one profile that are compared in full.
_MAX_CANDIDATES = 120
_POSTINGS = ("pairs", "rare", "near")


@dataclass(frozen=True, slots=True)
class Index:
    """Built once per list version with `build`, read by any number of workers."""

    subjects: tuple[PreparedSubject, ...]
    weights: TokenWeights
    names: tuple[PreparedName, ...]
    subject_of_name: tuple[int, ...]
    sounds: tuple[str, ...]
    letters: tuple[str, ...]
    keys: dict[str, int]
    vocabulary: frozenset[str]
    sites: dict[str, tuple[int, ...]]
    pairs: Postings
    rare: Postings
    near: Postings

    @classmethod
    def build(cls, subjects: Iterable[ListedSubject]) -> Self:
        prepared = [prepare_subject(subject) for subject in subjects]
        keys: dict[str, int] = {}
        pairs: set[tuple[int, int]] = set()
        single: set[tuple[int, int]] = set()
        for row, name in enumerate(name for subject in prepared for name in subject.names):
            groups = [
                [keys.setdefault(key, len(keys)) for key in token.keys]
                for token in indexed_tokens(name.tokens)
            ]
            single.update((key, row) for group in groups for key in group)
            pairs.update((key, row) for key in _pair_keys(groups))
        return cls(
            subjects=tuple(prepared),
            weights=TokenWeights.from_names([n.tokens for n in s.names] for s in prepared),
            keys=keys,
            pairs=Postings.build(pairs),
            rare=Postings.build(single).without_longer_than(RARE_NAMES),
            near=Postings.build(
                (form, number) for key, number in keys.items() for form in near_forms(key)
            ),
            **_derived(prepared),
        )

    def search(
        self,
        profile: ScreenedProfile,
        *,
        threshold: float = DEFAULT_THRESHOLD,
        limit: int = 5,
    ) -> list[Finding]:
        """The list entries this profile may belong to with at least `threshold`, best first."""
        prepared = prepare_profile(profile)
        places = {place for site in prepared.sites for place in self.sites.get(site, ())}
        for reading in prepared.readings:
            places |= self._subjects_named(reading, prepared, threshold)
        scored = [
            (self.subjects[place], score_pair(self.subjects[place], prepared, self.weights))
            for place in places
        ]
        reached = [(subject, one) for subject, one in scored if one.score >= threshold]
        reached.sort(key=lambda pair: (-pair[1].score, pair[0].subject.key))
        return [
            explained(subject, prepared, one, self.weights, threshold=threshold)
            for subject, one in reached[:limit]
        ]

    def is_common(self, key: str) -> bool:
        """Whether so many listed names have this key that it says little by itself."""
        return key in self.keys and not self.rare.get(self.keys[key])

    def save(self, path: Path) -> None:
        """Write the index as a versioned artefact, in place of an older one in a single step."""
        numbers: dict[Token, int] = {}
        name_starts, name_tokens = array("I", [0]), array("I")
        for name in self.names:
            name_tokens.extend(numbers.setdefault(token, len(numbers)) for token in name.tokens)
            name_starts.append(len(name_tokens))
        artefact.save(
            path,
            {
                "subjects": [_plain(subject.subject) for subject in self.subjects],
                "tokens": [[t.spelling, t.writes_no_vowels, t.is_syllable] for t in numbers],
                "name_starts": name_starts,
                "name_tokens": name_tokens,
                "weights": dict(self.weights.by_key),
                "keys": list(self.keys),
                **{
                    f"{name}_{part}": getattr(getattr(self, name), part)
                    for name in _POSTINGS
                    for part in ("keys", "starts", "rows")
                },
            },
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an index that `save` wrote. Raises `artefact.UnreadableArtefact`."""
        stored = artefact.load(path)
        tokens = [make_token(*token) for token in stored["tokens"]]
        starts, of_names = stored["name_starts"], stored["name_tokens"]
        row = 0
        subjects = []
        for plain in stored["subjects"]:
            subject = _subject(plain)
            names = []
            for name in subject.names:
                numbers = of_names[starts[row] : starts[row + 1]]
                names.append(PreparedName(name, tuple(tokens[number] for number in numbers)))
                row += 1
            subjects.append(prepare_subject(subject, tuple(names)))
        return cls(
            subjects=tuple(subjects),
            weights=TokenWeights(stored["weights"]),
            keys={key: number for number, key in enumerate(stored["keys"])},
            **{
                name: Postings(*(stored[f"{name}_{part}"] for part in ("keys", "starts", "rows")))
                for name in _POSTINGS
            },
            **_derived(subjects),
        )

    def _subjects_named(
        self, reading: Reading, profile: PreparedProfile, threshold: float
    ) -> set[int]:
        """Entries with a name that, with the profile's other evidence, reaches the threshold."""
        found: set[int] = set()
        # The same name stands on several lists: compare it once.
        scores: dict[tuple[tuple[Token, ...], str, str], tuple[float, float]] = {}
        for row in self._rows(reading, profile, threshold):
            place = self.subject_of_name[row]
            if place in found:
                continue
            subject, name = self.subjects[place], self.names[row]
            kind = subject.subject.kind
            evidence = evidence_for(subject, profile)
            least = least_name_score(threshold, evidence)
            alike = (name.tokens, name.listed.quality, kind)
            compared_to, score = scores.get(alike, (1.1, 0.0))
            if least < compared_to:
                score = match_name(
                    name, reading, kind=kind, weights=self.weights, least=least
                ).score
                scores[alike] = least, score
            if combined(score, evidence) >= threshold:
                found.add(place)
        return found

    def _rows(self, reading: Reading, profile: PreparedProfile, threshold: float) -> Sequence[int]:
        """Names worth comparing in full: those that share two keys or a rare one."""
        tokens: list[Token] = [token for token in reading.tokens if not token.is_decoration]
        if reading.glued:
            tokens = [make_token(text) for text in segment(reading.glued, self.vocabulary)]
        if sum(token.is_name for token in tokens) < 2:
            return self._rows_of_one_name(tokens, profile, threshold)
        groups = [
            [self.keys[key] for key in token.keys if key in self.keys]
            for token in indexed_tokens(tokens)
        ]
        shared: set[int] = set()
        for key in _pair_keys(groups):
            shared.update(self.pairs.get(key))
        doubtful = set(self._rows_near(tokens, groups))
        for group in groups:
            for key in group:
                doubtful.update(self.rare.get(key))
        sound = sound_of(tokens)
        close = {row: self.sounds[row] for row in doubtful - shared}
        found = list(extract_iter(sound, close, scorer=ratio, score_cutoff=DOUBTFUL_RATIO))
        close = {row: self.sounds[row] for row in shared}
        found += extract_iter(sound, close, scorer=ratio, score_cutoff=SHARED_RATIO)
        letters = letters_of(tokens)
        best = sorted(((score, row) for _, score, row in found), reverse=True)
        return [
            row
            for _, row in best
            if not letters
            or not self.letters[row]
            or ratio(letters, self.letters[row], score_cutoff=SHARED_RATIO)
        ][:_MAX_CANDIDATES]

    def _rows_of_one_name(
        self, tokens: Sequence[Token], profile: PreparedProfile, threshold: float
    ) -> Sequence[int]:
        """Names with this one token. Only a birth date can lift them over a usual threshold."""
        if profile.birth is None and threshold > SINGLE_NAME_CAP:
            return ()
        keys = {self.keys[key] for token in tokens for key in token.keys if key in self.keys}
        return [row for key in sorted(keys) for row in self.rare.get(key)]

    def _rows_near(self, tokens: Sequence[Token], groups: Sequence[list[int]]) -> Iterator[int]:
        """Names that share one key exactly and another up to one letter."""
        for place, token in enumerate(tokens):
            key = token.keys[0] if token.keys else ""
            if len(key) < MIN_NEAR_KEY or token.is_patronymic:
                continue
            others = {
                number
                for other, group in enumerate(groups[: len(tokens)])
                if other != place
                for number in group[:1]
                # All names with a rare key are looked at anyway.
                if not self.rare.get(number)
            }
            if not others:
                continue
            near = {number for form in near_forms(key) for number in self.near.get(form)}
            for number in near:
                for other in others:
                    yield from self.pairs.get(_pair_key(number, other))


class _Derived(TypedDict):
    names: tuple[PreparedName, ...]
    subject_of_name: tuple[int, ...]
    sounds: tuple[str, ...]
    letters: tuple[str, ...]
    vocabulary: frozenset[str]
    sites: dict[str, tuple[int, ...]]


def _derived(subjects: Sequence[PreparedSubject]) -> _Derived:
    """What follows from the prepared subjects quickly enough not to be stored."""
    names = tuple(name for subject in subjects for name in subject.names)
    sites: dict[str, tuple[int, ...]] = {}
    for place, subject in enumerate(subjects):
        for site in subject.sites:
            sites[site] = (*sites.get(site, ()), place)
    return _Derived(
        names=names,
        subject_of_name=tuple(
            place for place, subject in enumerate(subjects) for _ in subject.names
        ),
        sounds=tuple(sound_of(name.tokens) for name in names),
        letters=tuple(letters_of(name.tokens) for name in names),
        vocabulary=frozenset(
            token.text for name in names for token in name.tokens if len(token.text) > 1
        ),
        sites=sites,
    )


def _plain(subject: ListedSubject) -> list[Any]:
    names = [[name.text, name.quality, name.role] for name in subject.names]
    return [
        subject.key,
        subject.kind,
        names,
        list(subject.dates_of_birth),
        list(subject.countries),
        list(subject.websites),
    ]


def _subject(plain: list[Any]) -> ListedSubject:
    key, kind, names, births, countries, websites = plain
    return ListedSubject(
        key=key,
        kind=kind,
        names=tuple(ListedName(*name) for name in names),
        dates_of_birth=tuple(births),
        countries=tuple(countries),
        websites=tuple(websites),
    )


def _pair_keys(groups: Sequence[Sequence[int]]) -> set[int]:
    return {
        _pair_key(one, other)
        for first, second in combinations(groups, 2)
        for one in first
        for other in second
    }


def _pair_key(one: int, other: int) -> int:
    return (one << 32) | other if one < other else (other << 32) | one
