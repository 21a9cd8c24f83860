"""Names as tokens: one unit of a name, in the forms in which it is compared."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sanctions.matching.normalise import Word, split_words
from sanctions.matching.spelling import canonical, consonant_keys
from sanctions.matching.transliterate import DIVIDER, Script, to_latin
from sanctions.matching.word_lists import (
    ARTICLES,
    COMMON_GIVEN_NAMES,
    COMMON_SURNAMES,
    DECORATIONS,
    FAITH,
    FILLERS,
    SERVANT,
)

MAX_TOKENS_PER_NAME = 14

COMMON_NAMES = frozenset(map(canonical, COMMON_GIVEN_NAMES | COMMON_SURNAMES))
_PATRONYMIC = re.compile(
    r".{2,}(?:(?:ov|ev|av|iev|yev|jev|yov|iov)(?:ich|itch|itj|ytj|ych|ic|yc|na)|"
    r"(?:ichna|inichna|ouna|auna|euna|ivna|yivna|oglu|ogly|kyzy))$"
)
_GENDERED = re.compile(r"(?:(?<=[oe]v)a|(?<=in)a|(?<=sk)(?:aia|aya|aja|a|i|ii|ij|iy|y))$")
_OF_THE_FAITH = re.compile(r"(?<=.{3})(?:[aeiou]l|[aeou]d|l)d(?:in|een|ine|yn|ien)$")
_SERVANT_OF = re.compile(r"^abd[aeiou]?(?:l|([rsnztd])(?=\1))?(?=.{3})")


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """One unit of a name, made by `make_token`. `text` is `spelling` without dividers.

    `is_syllable` marks one syllable of a Korean or Chinese name, read from its own script, and
    `is_name` what can count as one of the two names a match needs.
    """

    spelling: str
    text: str
    canonical: str
    keys: tuple[str, ...]
    writes_no_vowels: bool
    is_filler: bool
    is_decoration: bool
    is_patronymic: bool
    is_common: bool
    is_syllable: bool
    is_initial: bool
    is_name: bool


@dataclass(frozen=True, slots=True)
class PlacedToken:
    """A token, where it stands in the text, and whether that text had to be transliterated."""

    token: Token
    start: int
    end: int
    transliterated: bool


@lru_cache(maxsize=1 << 17)
def make_token(text: str, writes_no_vowels: bool = False, is_syllable: bool = False) -> Token:
    """The token for a word of lower-case Latin letters, digits and dividers."""
    servant = _SERVANT_OF.match(text)
    folded = "abd" + text[servant.end() :] if servant and len(text) > 5 else text
    folded = _OF_THE_FAITH.sub("din", folded)
    sound = canonical(folded)
    spelling, text = text, text.replace(DIVIDER, "")
    is_filler = text in FILLERS
    return Token(
        spelling=spelling,
        text=text,
        canonical=sound,
        keys=consonant_keys(folded),
        writes_no_vowels=writes_no_vowels,
        is_filler=is_filler,
        is_decoration=text in DECORATIONS,
        is_patronymic=_PATRONYMIC.match(text) is not None,
        is_common=sound in COMMON_NAMES,
        is_syllable=is_syllable,
        is_initial=len(text) == 1,
        # One consonant is no name, however many letters it is written with: Ch, Dj, Sh.
        is_name=len(text) > 1 and not is_filler and sound not in ("C", "H", "X"),
    )


def joined(tokens: tuple[Token, ...]) -> Token:
    """Several tokens read as one word: Yong Won as Yongwon."""
    text = "".join(token.spelling for token in tokens)
    return make_token(text, any(token.writes_no_vowels for token in tokens))


def gender_stem(canonical_text: str) -> str:
    """The word without a Slavic ending that tells a woman's surname from a man's."""
    return _GENDERED.sub("", canonical_text)


def _word_tokens(word: Word) -> list[PlacedToken]:
    texts = to_latin(word.text, word.script)
    bare = word.script.writes_no_vowels
    if word.script is Script.ARABIC and word.text.startswith("ال") and len(word.text) > 4:
        texts = ("al", texts[0][2:])
    other_script = word.script is not Script.LATIN
    syllables = word.script in (Script.HANGUL, Script.HAN)
    by_character = word.script is Script.HANGUL and len(texts) == word.end - word.start
    return [
        PlacedToken(
            make_token(text, bare, syllables),
            word.start + place if by_character else word.start,
            word.start + place + 1 if by_character else word.end,
            other_script,
        )
        for place, text in enumerate(texts)
        if text
    ]


def _compounds_joined(tokens: list[PlacedToken]) -> list[PlacedToken]:
    """'Abd al-Rahman and Saif al-Din are one name each, however many words they are written in."""
    result: list[PlacedToken] = []
    place = 0
    while place < len(tokens):
        last = place
        following = place + 1
        if following < len(tokens) and tokens[following].token.text in ARTICLES:
            following += 1
        if following < len(tokens):
            head, tail = tokens[place].token, tokens[following].token
            servant = head.text in SERVANT and len(tail.text) > 1
            faith = tail.text in FAITH and len(head.text) > 2 and not head.is_filler
            if servant or faith:
                last = following
        result.append(_one_token(tokens[place : last + 1]))
        place = last + 1
    return result


def _one_token(parts: list[PlacedToken]) -> PlacedToken:
    if len(parts) == 1:
        return parts[0]
    whole = joined(tuple(part.token for part in parts))
    return PlacedToken(whole, parts[0].start, parts[-1].end, parts[0].transliterated)


def placed_tokens(text: str, *, split_case_steps: bool = False) -> tuple[PlacedToken, ...]:
    """The tokens of a name with their places in the text, at most `MAX_TOKENS_PER_NAME`."""
    tokens: list[PlacedToken] = []
    for word in split_words(text, split_case_steps=split_case_steps):
        tokens.extend(_word_tokens(word))
        if len(tokens) >= 2 * MAX_TOKENS_PER_NAME:
            break
    return tuple(_compounds_joined(tokens)[:MAX_TOKENS_PER_NAME])
