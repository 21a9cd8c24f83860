"""Other scripts to Latin letters.

Our own tables where names on sanctions lists need better than a generic romanisation: Cyrillic
(the English convention, so that the usual spelling comes out), Arabic and Persian (every letter
kept: the generic table drops alef), Hebrew, and Hangul (the older McCune-Reischauer convention,
which North Korean names follow). Everything else goes through anyascii.
"""

import re
from enum import StrEnum

from anyascii import anyascii


class Script(StrEnum):
    LATIN = "latin"
    CYRILLIC = "cyrillic"
    ARABIC = "arabic"
    HEBREW = "hebrew"
    HANGUL = "hangul"
    HAN = "han"
    OTHER = "other"

    @property
    def writes_no_vowels(self) -> bool:
        return self in (Script.ARABIC, Script.HEBREW)


_RANGES = (
    (0x0041, 0x024F, Script.LATIN),
    (0x0400, 0x052F, Script.CYRILLIC),
    (0x0590, 0x05FF, Script.HEBREW),
    (0x0600, 0x06FF, Script.ARABIC),
    (0x0750, 0x077F, Script.ARABIC),
    (0x1E00, 0x1EFF, Script.LATIN),
    (0x3040, 0x30FF, Script.HAN),
    (0x3400, 0x9FFF, Script.HAN),
    (0xAC00, 0xD7A3, Script.HANGUL),
)


def script_of(character: str) -> Script:
    point = ord(character)
    for first, last, script in _RANGES:
        if first <= point <= last:
            return script
    return Script.OTHER


def _table(pairs: str) -> dict[int, str]:
    """'а=a б=b ь=' as a table for `str.translate`."""
    return {ord(pair[0]): pair[2:] for pair in pairs.split()}


_CYRILLIC = _table(
    "а=a б=b в=v г=g д=d е=e ё=yo ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f "
    "х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya "
    "і=i ї=yi є=ye ґ=g ў=u "  # Ukrainian, Belarusian
    "ј=y љ=l њ=n ћ=ch ђ=j џ=j ѓ=g ќ=k ѕ=dz "  # Serbian, Macedonian
    "ә=a ғ=gh қ=q ң=n ө=o ұ=u ү=u һ=h җ=j ҷ=j ҳ=h ӣ=i ӯ=u ҡ=q ҙ=z ҫ=s"  # Turkic, Tajik
)
_ARABIC = _table(
    "ا=a أ=a إ=i آ=a ٱ=a ب=b ت=t ث=th ج=j ح=h خ=kh د=d ذ=dh ر=r ز=z س=s ش=sh ص=s ض=dh ط=t ظ=dh "
    "ع=a غ=gh ف=f ق=q ك=k ل=l م=m ن=n ه=h و=w ي=y ى=a ة=a ء= ئ=y ؤ=w "
    "پ=p چ=ch ژ=j گ=g ک=k ی=y ې=y ۍ=y ئ=y ڤ=v ہ=h ھ=h ۀ=a ۃ=a ں=n ٹ=t ڈ=d ڑ=r ے=y "
    "ټ=t ډ=d ړ=r ږ=zh ښ=sh ګ=g ڼ=n څ=ts ځ=z ـ="
)
_HEBREW = _table(
    "א=a ב=b ג=g ד=d ה=h ו=w ז=z ח=h ט=t י=y כ=k ך=k ל=l מ=m ם=m נ=n ן=n ס=s ע=a פ=p ף=f צ=ts "
    "ץ=ts ק=k ר=r ש=sh ת=t"
)
# Letters whose mark changes the sound, which a plain removal of marks would lose.
_LATIN = _table("č=ch ć=ch ç=ch š=sh ş=sh ș=sh ŝ=sh ž=zh ż=zh ź=z ł=l ø=o đ=d ı=i ə=a ß=ss ñ=n")

_HANGUL_FIRST = [
    "k",
    "kk",
    "n",
    "t",
    "tt",
    "r",
    "m",
    "p",
    "pp",
    "s",
    "ss",
    "-",
    "ch",
    "tch",
    "ch",
    "k",
    "t",
    "p",
    "h",
]
_HANGUL_VOWEL = [
    "a",
    "ae",
    "ya",
    "yae",
    "o",
    "e",
    "yo",
    "ye",
    "o",
    "wa",
    "wae",
    "oe",
    "yo",
    "u",
    "wo",
    "we",
    "wi",
    "yu",
    "u",
    "ui",
    "i",
]
_HANGUL_LAST = [
    "-",
    "k",
    "k",
    "k",
    "n",
    "n",
    "n",
    "t",
    "l",
    "k",
    "m",
    "l",
    "l",
    "l",
    "p",
    "l",
    "m",
    "p",
    "p",
    "t",
    "t",
    "ng",
    "t",
    "t",
    "k",
    "t",
    "p",
    "t",
]


def _hangul_syllable(character: str) -> str:
    """A precomposed syllable is first x 588 + vowel x 28 + last, from U+AC00 (Unicode, 3.12)."""
    first, rest = divmod(ord(character) - 0xAC00, 588)
    vowel, last = divmod(rest, 28)
    parts = (_HANGUL_FIRST[first], _HANGUL_VOWEL[vowel], _HANGUL_LAST[last])
    return "".join(parts).replace("-", "")


# A divider keeps two letters from being read as one sound: سه is s and h, ش is sh.
DIVIDER = "'"
_TWO_SOUNDS = re.compile(r"([سصزتطكکدگ])(?=[هح])")
# At the end of a word heh mostly stands for a vowel: غاده is Ghada.
_FINAL_HEH = re.compile(r"(?<=[^اوي])ه$")
_NOT_LETTER_OR_DIGIT = re.compile(r"[^a-z0-9']+")
_CAPITALISED_SYLLABLE = re.compile(r"[A-Z][a-z]*|[a-z]+|\d+")


def to_latin(word: str, script: Script) -> tuple[str, ...]:
    """A casefolded word as lower-case a-z, digits and `DIVIDER`.

    Hangul and Han give one text per syllable: Korean and Chinese names are listed with their
    syllables apart as often as joined, and the original script does not say which syllables
    belong to the given name.
    """
    if script is Script.HANGUL:
        return tuple(_hangul_syllable(c) for c in word if script_of(c) is Script.HANGUL)
    if script is Script.HAN:
        return tuple(part.lower() for part in _CAPITALISED_SYLLABLE.findall(anyascii(word)))
    if word.isascii():
        return (word,)
    if script is Script.CYRILLIC:
        word = word.translate(_CYRILLIC)
    elif script is Script.ARABIC:
        word = _TWO_SOUNDS.sub(rf"\1{DIVIDER}", _FINAL_HEH.sub("اه", word)).translate(_ARABIC)
    elif script is Script.HEBREW:
        word = word.translate(_HEBREW)
    else:
        word = word.translate(_LATIN)
    latin = _NOT_LETTER_OR_DIGIT.sub("", anyascii(word).lower())
    return (latin,) if latin else ()
