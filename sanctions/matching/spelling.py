"""Spelling variety: one canonical form per word, and consonant keys under which variants meet.

Kadyrov, Kadirov, Qadyrov, Kadyrow and Кадыров are one name; so are Muhammad, Mohamed and محمد.
The canonical form keeps the vowels and is used to say how alike two words are. The keys drop them
and are used to find candidates. Where a letter has several readings (`ch` is English, German or
French; `j` is English or Slavic; `w` is a vowel or a `v`) a word has several keys.
"""

import re
from itertools import product

from sanctions.matching.transliterate import DIVIDER

MAX_KEYS_PER_WORD = 6

# Spelling -> sound, for the canonical form. Capitals are sounds of our own: X sh and zh, C the
# English ch and j, which Korean lists write for one another, H kh. The longest spelling wins.
_SOUNDS = {
    **dict.fromkeys(("shch", "shtsh", "schtsch", "sjtj", "stsj", "szcz"), "X"),
    **dict.fromkeys(("sch", "sh", "sz", "sj", "zh", "zj"), "X"),
    **dict.fromkeys(("tsch", "tch", "tsh", "tj", "cz", "ch"), "C"),
    **dict.fromkeys(("dzh", "dsch", "dsj", "dj", "j"), "C"),
    **dict.fromkeys(("q", "ck", "qu", "c"), "k"),
    **dict.fromkeys(("ts", "tz"), "s"),
    **dict.fromkeys(("ou", "oo", "w"), "u"),
    **dict.fromkeys(("iy", "ij", "yi", "ii", "yy", "ee", "y"), "i"),
    **dict.fromkeys(("ia", "ja", "ya", "iya", "ija"), "ia"),
    **dict.fromkeys(("ie", "je", "ye", "iye", "ije"), "e"),
    **dict.fromkeys(("io", "jo", "yo"), "o"),
    **dict.fromkeys(("iu", "ju", "yu"), "u"),
    "kh": "H",
    "ph": "f",
    "gh": "g",
    "dh": "d",
    "th": "t",
    "dz": "d",
    "x": "ks",
    "ce": "se",
    "ci": "si",
    "cy": "si",
}
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_INITIAL_J = re.compile(r"^j(?=[aeiou])")
_FINAL_W = re.compile(r"(?<=[aeoiu])w(?=a?$)")
_REPEATED = re.compile(r"(.)\1+")


def canonical(latin: str) -> str:
    """The word with its spelling variety folded and its vowels kept."""
    if latin.isdigit():
        return latin
    word = _INITIAL_J.sub("C", latin)
    word = _FINAL_W.sub("v", word)
    word = _SOUND.sub(lambda match: _SOUNDS[match.group()], word)
    return _REPEATED.sub(r"\1", word.replace(DIVIDER, ""))


# Spelling -> the readings a consonant key may take. An empty reading is a vowel.
_READINGS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("shch", "shtsh", "schtsch", "sjtj", "stsj", "szcz"), ("X",)),
    **dict.fromkeys(("sch", "sh", "sz", "sj", "zh", "zj"), ("X",)),
    **dict.fromkeys(("tsch", "tch", "tsh", "tj", "cz"), ("C",)),
    **dict.fromkeys(("dzh", "dsch", "dsj", "dj"), ("C",)),
    "b": ("B",),
    "p": ("B",),
    **dict.fromkeys(("f", "v", "ph"), ("F",)),
    **dict.fromkeys(("d", "dz"), ("D",)),
    **dict.fromkeys(("k", "q", "ck", "qu", "c"), ("K",)),
    **dict.fromkeys(("g", "gh"), ("K",)),
    **dict.fromkeys(("s", "ts", "tz", "ce", "ci", "cy"), ("S",)),
    "ch": ("C", "H", "X"),
    "j": ("C", ""),
    "w": ("", "F"),
    "z": ("S",),
    "dh": ("D", "S"),
    "th": ("T", "S"),
    "kh": ("H",),
    "h": ("H",),
    "t": ("T",),
    "l": ("L",),
    "m": ("M",),
    "n": ("N",),
    "r": ("R",),
    "x": ("KS",),
}
_READING = re.compile("|".join(sorted(_READINGS, key=len, reverse=True)) + r"|[a-z]")
_PALATAL_J = re.compile(r"(?<=[a-z][bdfgklmnprv])j|(?<=[iey])j$")
_SILENT_H = re.compile(r"(?<=[aeiou])h$|(?<=[blmnr])h(?=[aeiouy]?$)")


def consonant_keys(latin: str) -> tuple[str, ...]:
    """The keys under which this word meets its variants, the likeliest first.

    A first vowel counts as `A`, so that Ali and Ole are no more alike than they sound. A number is
    its own key.
    """
    if latin.isdigit():
        return (latin,)
    word = _PALATAL_J.sub("", _SILENT_H.sub("", _FINAL_W.sub("v", latin)))
    readings: list[tuple[str, ...]] = []
    for match in _READING.finditer(word):
        spelling = match.group()
        options = _READINGS.get(spelling, ("",))
        if match.start() == 0 and "" in options:
            options = tuple(option or "A" for option in options)
        if options != ("",):
            readings.append(options)
    keys: dict[str, None] = {}
    for reading in product(*readings[:24]):
        keys[_REPEATED.sub(r"\1", "".join(reading))] = None
        if len(keys) == MAX_KEYS_PER_WORD:
            break
    return tuple(key for key in keys if key)
