"""Handles: words without spaces, and what may stand before and after them."""

import re
from collections.abc import Iterable, Sequence

from sanctions.matching.spelling import canonical
from sanctions.matching.tokens import PlacedToken, Token, make_token, placed_tokens

# A shorter word cannot hide two names.
MIN_GLUED_LETTERS = 6
_MAX_TOKEN_LETTERS = 24
_MIN_CUT_OFF_LETTERS = 3
# Platforms limit the length of handles; a shorter one was not cut off.
_MIN_LIMITED_LETTERS = 15
_DIGITS_TAIL = re.compile(r"\d+$")


def handle_tokens(handle: str) -> tuple[PlacedToken, ...]:
    """The words of a handle: `@RamzanKadyrov_95` is ramzan, kadyrov. Digit tails mean nothing."""
    tokens = []
    for placed in placed_tokens(handle, split_case_steps=True):
        text = _DIGITS_TAIL.sub("", placed.token.text)
        if text == placed.token.text:
            tokens.append(placed)
        elif text:
            end = placed.end - (len(placed.token.text) - len(text))
            token = make_token(text, placed.token.writes_no_vowels)
            tokens.append(
                PlacedToken(token, placed.start, max(end, placed.start), placed.transliterated)
            )
    return tuple(tokens)


def may_be_glued(token: Token) -> bool:
    return len(token.text) >= MIN_GLUED_LETTERS and not token.text.isdigit()


def unglue(text: str, name: Sequence[Token]) -> tuple[tuple[str, int, int], ...] | None:
    """`rkadyrov` or `kadyrovramzan`, read with the tokens of one listed name.

    Returns (text, start, end) of each piece, in order; None unless the whole word is explained by
    at least two tokens, or by one and the first letter of another. The last token of a long word
    may be cut off.
    """
    pieces = _pieces(text, 0, tuple(dict.fromkeys(token.text for token in name)))
    if pieces is None or len(pieces) < 2:
        return None
    return tuple(pieces)


def _pieces(text: str, place: int, left: tuple[str, ...]) -> list[tuple[str, int, int]] | None:
    if place == len(text):
        return []
    for token in sorted(left, key=len, reverse=True):
        if text.startswith(token, place):
            end = place + len(token)
        elif len(text) - place >= _MIN_CUT_OFF_LETTERS and place and token.startswith(text[place:]):
            end = len(text)
        elif text[place] == token[0] and (place == 0 or _final_initial(text, place)):
            end = place + 1
        else:
            continue
        others = tuple(other for other in left if other != token)
        rest = _pieces(text, end, others)
        if rest is not None:
            whole = end - place > 1 and len(text[place:end]) >= _MIN_CUT_OFF_LETTERS
            return [(token if whole else text[place:end], place, end), *rest]
    return None


def _final_initial(text: str, place: int) -> bool:
    """A vowel at the end is an ending, not an initial: Kadyrova is not Kadyrov A."""
    return place == len(text) - 1 and text[place] not in "aeiouy"


def same_letters_glued(text: str, name: Sequence[Token]) -> bool:
    """Whether the word is the name's tokens run together in another spelling."""
    sound = canonical(text)
    texts = [token.text for token in name]
    rotations = (texts[i:] + texts[:i] for i in range(len(texts)))
    return len(texts) > 1 and any(canonical("".join(rotated)) == sound for rotated in rotations)


def segment(text: str, vocabulary: Iterable[str]) -> tuple[str, ...]:
    """The likeliest words in a glued text, given every word of the list.

    Fewest and longest known words win, letters left over cost most: the usual shortest path over
    word breaks.
    """
    known = vocabulary if isinstance(vocabulary, (set, frozenset, dict)) else frozenset(vocabulary)
    length = len(text)
    best: list[tuple[float, int, bool]] = [(0.0, 0, False)]
    for end in range(1, length + 1):
        choice = (best[end - 1][0] + 2.0, end - 1, False)
        for start in range(max(0, end - _MAX_TOKEN_LETTERS), end - 1):
            if best[start][0] + 1.0 < choice[0] and text[start:end] in known:
                cost = best[start][0] + (1.0 if end - start > 3 else 1.6)
                if cost < choice[0]:
                    choice = (cost, start, True)
        best.append(choice)
    words: list[str] = []
    place = length
    while place:
        _, start, is_word = best[place]
        if is_word:
            words.append(text[start:place])
        place = start
    return tuple(reversed(words))
