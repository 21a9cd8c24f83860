"""How alike two tokens are: the same sound, a slip of the hand, another convention of spelling."""

from functools import lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from sanctions.matching.tokens import Token, gender_stem

# Below this two tokens are different words.
MIN_SIMILARITY = 0.72


@lru_cache(maxsize=1 << 16)
def similarity(listed: Token, stated: Token) -> float:
    """How alike two tokens are, 0..1; 0 below `MIN_SIMILARITY`."""
    if listed.text == stated.text:
        return 1.0
    if listed.text.isdigit() or stated.text.isdigit():
        return 0.0
    same_key = any(key in stated.keys for key in listed.keys)
    if listed.writes_no_vowels or stated.writes_no_vowels:
        return _similarity_without_vowels(listed, stated, same_key=same_key)
    one, other = listed.canonical, stated.canonical
    if one == other:
        return 0.98
    shorter, longer = sorted((len(one), len(other)))
    if shorter < 3:
        return 0.0
    alike = ratio(one, other, score_cutoff=60 if same_key else 74) / 100
    if not alike:
        return 0.0
    if listed.is_syllable or stated.is_syllable:
        return 0.85 if same_key and alike >= 0.74 and one[0] == other[0] else 0.0
    if _gender_differs(one, other):
        return MIN_SIMILARITY if alike >= 0.85 else 0.0
    short = shorter <= 4 or len(listed.keys[0]) <= 2
    if same_key and (alike >= 0.74 and one[0] == other[0] if short else alike >= 0.6):
        return 0.75 + 0.22 * alike
    if shorter < 4:
        return 0.0
    if OSA.distance(one, other, score_cutoff=2) <= (1 if longer < 9 else 2):
        return max(0.80, 0.9 * alike)
    return 0.92 * alike if shorter >= 5 and alike >= 0.84 else 0.0


def _similarity_without_vowels(listed: Token, stated: Token, *, same_key: bool) -> float:
    consonants = min(len(listed.keys[0]), len(stated.keys[0])) if listed.keys and stated.keys else 0
    if same_key:
        return 0.95 if consonants > 2 else 0.82
    if consonants < 4:
        return 0.0
    alike = ratio(listed.keys[0], stated.keys[0]) / 100
    return 0.9 * alike if alike >= 0.85 else 0.0


def _gender_differs(listed: str, stated: str) -> bool:
    """Whether one is a man's surname and the other a woman's: Kadyrov, Kadyrova."""
    if listed.endswith("a") == stated.endswith("a"):
        return False
    return gender_stem(listed) == gender_stem(stated)
