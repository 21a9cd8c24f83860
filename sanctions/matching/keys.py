"""What names are found by: the keys of their tokens, and forms for a quick comparison.

Both directions read names in this one way: a profile against the index of the lists, and a new
entry of a list against the profiles.
"""

import zlib
from collections.abc import Sequence
from itertools import pairwise

from sanctions.matching.tokens import Token, joined

# A key found in more listed names than this is common: it only counts together with another.
RARE_NAMES = 60
# Keys one letter apart are near. A shorter key has no near ones: too many words would be.
MIN_NEAR_KEY = 4
# How alike two names must sound, of 100, to be compared in full: those that share two keys, and
# those that share one and may share a misspelled other.
SHARED_RATIO = 50.0
DOUBTFUL_RATIO = 64.0
# Two syllables may be written as one word only while both are short: Yong Won, Yongwon.
_SHORT_SYLLABLE = 4


def indexed_tokens(tokens: Sequence[Token]) -> list[Token]:
    """The tokens under which a name is found: its own, then short neighbours joined."""
    own = [token for token in tokens if token.keys]
    apart = [
        joined((one, other))
        for one, other in pairwise(own)
        if len(one.text) <= _SHORT_SYLLABLE and len(other.text) <= _SHORT_SYLLABLE
    ]
    return [token for token in own if not token.is_filler and not token.is_initial] + apart


def sound_of(tokens: Sequence[Token]) -> str:
    """The name's consonants with its tokens in alphabetical order, for a quick comparison."""
    return " ".join(sorted(token.keys[0] for token in tokens if token.keys and token.is_name))


def letters_of(tokens: Sequence[Token]) -> str:
    """The same with the vowels; empty where a script writes none."""
    if any(token.writes_no_vowels for token in tokens):
        return ""
    return " ".join(sorted(token.canonical for token in tokens if token.is_name))


def near_forms(key: str) -> list[int]:
    """Numbers of which two keys one letter apart have at least one in common (as SymSpell does).

    They stand for the key itself and for every form of it with one letter left out.
    """
    forms = {key}
    if len(key) >= MIN_NEAR_KEY:
        forms.update(key[:place] + key[place + 1 :] for place in range(len(key)))
    return [zlib.crc32(form.encode()) for form in forms]
