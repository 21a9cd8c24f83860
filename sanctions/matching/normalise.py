"""From what people type to words that can be compared, without losing where each word stood."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from sanctions.matching.transliterate import Script, script_of

# No name needs more, and a hostile bio may be any length.
MAX_TEXT_CHARACTERS = 600
MAX_WORD_CHARACTERS = 64


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: its folded letters, and where it stands in the text as given."""

    text: str
    script: Script
    start: int
    end: int


# Zero-width characters, bidirectional marks, soft hyphen, variation selectors; combining marks of
# Latin, Cyrillic, Hebrew and Arabic; apostrophes, which transliterations use for letters that
# Latin does not have and which people leave out.
_INVISIBLE_OR_MARK = re.compile(
    "[\u00ad\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u200b\u200d-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff"
    "'`\u00b4\u02b0-\u02ff\u2018\u2019\u201b\u2032\u00b7]"
)
_WORD = re.compile(r"[^\W_]+")
_CASE_STEP = re.compile(r"(?<=[a-zа-яёіїє])(?=[A-ZА-ЯЁІЇЄ])")

# Cyrillic and Greek letters that look like a Latin one (Unicode confusables, letters only).
_LOOKS_LATIN = str.maketrans(
    "аеорсухіјѕһԁԛԝвнмткАЕОРСУХІЈЅВНМТКοανιρυκτ",
    "aeopcyxijshdqwbhmtkAEOPCYXIJSBHMTKoavipukt",
)
_LOOKS_CYRILLIC = str.maketrans("aeopcyxijshbmtkABCEHIJKMOPSTXY", "аеорсухіјѕһвмткАВСЕНІЈКМОРЅТХУ")
_LEET = str.maketrans("013457", "oieast")
_DIGITS_TAIL = re.compile(r"\d{2,}$")


def clean(text: str) -> tuple[str, list[int] | None]:
    """Compatibility forms folded and invisible characters gone, at most `MAX_TEXT_CHARACTERS`.

    The second value gives, for each character, its place in `text`; None when nothing moved.
    """
    text = text[:MAX_TEXT_CHARACTERS]
    if text.isascii() and "'" not in text and "`" not in text:
        return text, None
    kept: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for folded in unicodedata.normalize("NFKC", character):
            if not _INVISIBLE_OR_MARK.match(folded):
                kept.append(folded)
                places.append(place)
    return "".join(kept), places


def _script_and_letters(word: str) -> tuple[Script, str]:
    """The script a word is meant to be read in; letters borrowed from another are put back."""
    scripts = Counter(script_of(c) for c in word if not c.isdigit())
    if not scripts:
        return Script.LATIN, word
    if len(scripts) > 1 and scripts[Script.LATIN]:
        as_latin = word.translate(_LOOKS_LATIN)
        if all(script_of(c) is Script.LATIN or c.isdigit() for c in as_latin):
            return Script.LATIN, as_latin
        if scripts[Script.CYRILLIC]:
            return Script.CYRILLIC, word.translate(_LOOKS_CYRILLIC)
    return scripts.most_common(1)[0][0], word


def unleet(word: str) -> str:
    """Digits standing for letters are read as letters; two or more at the end are a tail.

    A word of digits alone is a number and stays one.
    """
    if word.isalpha() or word.isdigit() or not any(c.isdigit() for c in word):
        return word
    return _DIGITS_TAIL.sub("", word).translate(_LEET)


def split_words(text: str, *, split_case_steps: bool = False) -> tuple[Word, ...]:
    """The words of a text. `split_case_steps` reads `RamzanKadyrov` as two words."""
    cleaned, places = clean(text)
    found: list[tuple[Script, str, int, int]] = []
    for match in _WORD.finditer(cleaned):
        start = match.start()
        pieces = _CASE_STEP.split(match.group()) if split_case_steps else (match.group(),)
        for piece in pieces:
            end = start + len(piece)
            script, letters = (
                (Script.LATIN, piece) if piece.isascii() else _script_and_letters(piece)
            )
            found.append((script, letters[:MAX_WORD_CHARACTERS], start, end))
            start = end
    borrowed = not cleaned.isascii() and any(
        script is Script.LATIN
        and not cleaned[start:end].isascii()
        and any(script_of(c) is Script.CYRILLIC for c in cleaned[start:end])
        for script, _, start, end in found
    )
    words = []
    for script, letters, start, end in found:
        if borrowed and script is Script.CYRILLIC:
            # Beside a Latin word with borrowed letters, a word of look-alikes only is one more.
            as_latin = letters.translate(_LOOKS_LATIN)
            if as_latin.isascii():
                script, letters = Script.LATIN, as_latin
        first = start if places is None else places[start]
        last = end if places is None else places[end - 1] + 1
        words.append(Word(unleet(letters.casefold()), script, first, last))
    return tuple(word for word in words if word.text)
