"""Find the profiles that a new list entry may be about, without walking through all of them.

Each screened profile is kept under the keys of its names: numbers of a dictionary, in an array
that PostgreSQL indexes. What a profile is kept under, and what a name asks for, is decided by
`sanctions.matching.reverse`; nothing here knows a rule of matching.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from django.db.models import (
    BooleanField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
)

from platforms.models import ProfileVersion
from sanctions.matching import Finding, Index, ListedSubject
from sanctions.matching.compare import PreparedName, prepare_profile, prepare_subject
from sanctions.matching.keys import near_forms
from sanctions.matching.reverse import (
    SCHEME,
    NameKeys,
    finding_of,
    is_consonant_key,
    may_be_named,
    name_keys,
    profile_keys,
)
from sanctions.models import KeptProfile, KeyText
from sanctions.subjects import as_screened

PROFILES_PER_PASS = 2_000
SUBJECTS_PER_PASS = 100


def keep(versions: Sequence[ProfileVersion], vocabulary: Set[str]) -> None:
    """Keep these current versions under their keys, in place of what was kept of each profile."""
    found = [(version, profile_keys(as_screened(version), vocabulary)) for version in versions]
    numbers = _numbered({key for _, kept in found for key in kept.keys})
    KeptProfile.objects.bulk_create(
        [
            KeptProfile(
                profile_id=version.profile_id,
                profile_version=version,
                scheme=SCHEME,
                keys=[numbers[key] for key in kept.keys],
                sounds=list(kept.sounds),
                glued=list(kept.glued),
            )
            for version, kept in found
        ],
        update_conflicts=True,
        unique_fields=["profile"],
        update_fields=["profile_version", "scheme", "keys", "sounds", "glued"],
    )


def keep_missing(vocabulary: Set[str]) -> int:
    """Keep every screened profile that is not kept yet, or by an older scheme. Returns how many.

    `screen_profiles` keeps what it screens. This is for profiles from before that.
    """
    up_to_date = KeptProfile.objects.filter(profile_version=OuterRef("pk"), scheme=SCHEME)
    missing = (
        ProfileVersion.objects.filter(
            number=F("profile__version_number"), screened_at__isnull=False
        )
        .exclude(Exists(up_to_date))
        .order_by("profile_id")
    )
    kept = last_id = 0
    while chunk := list(missing.filter(profile_id__gt=last_id)[:PROFILES_PER_PASS]):
        keep(chunk, vocabulary)
        kept += len(chunk)
        last_id = chunk[-1].profile_id
    return kept


def search(
    subjects: Sequence[ListedSubject], whole: Index
) -> Iterator[tuple[ProfileVersion, Finding]]:
    """Find new entries among the kept profiles, as the index finds a profile among the entries.

    `whole` is the index of all lists, these entries among them. Two queries, one more for each
    name, and one for each two thousand profiles that have to be read.
    """
    prepared = [prepare_subject(subject) for subject in subjects]
    asked = [
        (place, name, name_keys(subject, name, whole))
        for place, subject in enumerate(prepared)
        for name in subject.names
    ]
    dictionary = _Dictionary.of([keys for _, _, keys in asked])
    wanted: dict[int, dict[int, list[PreparedName]]] = defaultdict(lambda: defaultdict(list))
    for place, name, keys in asked:
        for profile_id in _candidates(name, keys, dictionary):
            wanted[profile_id][place].append(name)
    profile_ids = sorted(wanted)
    for start in range(0, len(profile_ids), PROFILES_PER_PASS):
        for version in ProfileVersion.objects.filter(
            number=F("profile__version_number"),
            profile_id__in=profile_ids[start : start + PROFILES_PER_PASS],
        ).order_by("profile_id"):
            profile = prepare_profile(as_screened(version))
            for place, names in wanted[version.profile_id].items():
                finding = finding_of(prepared[place], names, profile, whole.weights)
                if finding:
                    yield version, finding


@dataclass(frozen=True, slots=True)
class _Dictionary:
    """The numbers of the keys that some names ask for. A key that no profile has has none."""

    numbers: dict[str, int]
    near: dict[int, list[int]]

    @classmethod
    def of(cls, asked: Iterable[NameKeys]) -> "_Dictionary":
        texts: set[str] = set()
        forms: set[int] = set()
        for keys in asked:
            texts |= keys.texts
            forms.update(form for key, _ in keys.near for form in near_forms(key))
        near: dict[int, list[int]] = defaultdict(list)
        shared = KeyText.objects.filter(near__overlap=sorted(forms)).values_list("pk", "near")
        for number, its_forms in shared:
            for form in forms.intersection(its_forms):
                near[form].append(number)
        return cls(_numbers(texts), near)

    def known(self, texts: Iterable[str]) -> list[int]:
        return [self.numbers[text] for text in texts if text in self.numbers]

    def near_to(self, key: str) -> list[int]:
        return sorted({number for form in near_forms(key) for number in self.near.get(form, ())})


def _candidates(name: PreparedName, keys: NameKeys, dictionary: _Dictionary) -> Iterator[int]:
    """Profiles that may have this name, by their keys alone."""
    certain = _any_of(dictionary.known(keys.certain))
    shares_two = Q()
    for pair in keys.pairs:
        if len(numbers := dictionary.known(pair)) == len(pair):
            shares_two |= Q(keys__contains=numbers)
    by_keys = certain | shares_two | _any_of(dictionary.known(keys.single | keys.starts))
    for key, beside in keys.near:
        near, others = dictionary.near_to(key), dictionary.known(beside)
        if near and others:
            by_keys |= _any_of(near) & _any_of(others)
    if not by_keys:
        return
    rows = KeptProfile.objects.filter(by_keys).values_list(
        "profile_id", "sounds", "glued", _is(certain), _is(shares_two)
    )
    for profile_id, sounds, glued, is_certain, has_two in rows:
        if is_certain or may_be_named(name, sounds=sounds, glued=glued, shares_two=has_two):
            yield profile_id


def _any_of(numbers: list[int]) -> Q:
    return Q(keys__overlap=numbers) if numbers else Q()


def _is(condition: Q) -> Expression:
    if not condition:
        return Value(False)
    return ExpressionWrapper(condition, output_field=BooleanField())


def _numbers(texts: Iterable[str]) -> dict[str, int]:
    return dict(KeyText.objects.filter(text__in=sorted(texts)).values_list("text", "pk"))


def _numbered(texts: Set[str]) -> dict[str, int]:
    """The numbers of these keys, new ones for those that have none."""
    numbers = _numbers(texts)
    # In one order, so that two workers who meet the same new keys wait and do not deadlock.
    unknown = sorted(text for text in texts if text not in numbers)
    KeyText.objects.bulk_create(
        [
            KeyText(text=text, near=near_forms(text) if is_consonant_key(text) else [])
            for text in unknown
        ],
        ignore_conflicts=True,
    )
    return numbers | _numbers(unknown)
