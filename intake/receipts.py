"""Receipts: the one secret a reporter holds, and the only way back to a report.

Ten words of the EFF's large list (129.2 bits), or 39 digits (129.5 bits) for readers of other
scripts. At this strength no slow hash is needed, so none can be used to exhaust the server.
A receipt is never stored. Two things are derived from it: a lookup id, of which the database
holds a hash, and the reporter's key, which is stored nowhere.
"""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WORDS = 10
DIGITS = 39
DIGITS_IN_A_GROUP = 4
WORD_LIST = Path(__file__).parent / "words" / "eff_large.txt"
# Words, or groups of digits, typed back to show that the receipt was written down.
ASKED_BACK = 2


class Script(StrEnum):
    WORDS = "words"
    DIGITS = "digits"


class NotAReceipt(Exception):
    """What was typed has not the form of a receipt."""


@cache
def word_list() -> tuple[str, ...]:
    """The 7,776 words a receipt is made of."""
    return tuple(WORD_LIST.read_text(encoding="utf-8").split())


@cache
def _known_words() -> frozenset[str]:
    return frozenset(word_list())


@dataclass(frozen=True, slots=True, repr=False)
class Receipt:
    """The parts of a receipt in order: words, or groups of digits. It never shows in a repr."""

    parts: tuple[str, ...]

    @property
    def script(self) -> Script:
        return Script.DIGITS if self.parts[0].isdigit() else Script.WORDS

    def __str__(self) -> str:
        return " ".join(self.parts)

    def lookup_id(self) -> bytes:
        """What finds the report. It opens nothing."""
        return self._derive(salt=None, info=b"holdfast|v1|lookup")

    def reporter_key(self, pepper: bytes) -> bytes:
        """The key that opens the reporter's wrap, together with the pepper of its epoch."""
        return self._derive(salt=pepper, info=b"holdfast|v1|reporter key")

    def _derive(self, *, salt: bytes | None, info: bytes) -> bytes:
        derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=salt, info=info)
        return derivation.derive(str(self).encode())


def issue(script: Script) -> Receipt:
    """Draw a new receipt."""
    if script == Script.DIGITS:
        return _in_groups("".join(str(secrets.randbelow(10)) for _ in range(DIGITS)))
    words = word_list()
    return Receipt(tuple(secrets.choice(words) for _ in range(WORDS)))


def parse(typed: str) -> Receipt:
    """Read a receipt as a person types it: any case, commas, line ends, digits of any script.

    Raises `NotAReceipt`.
    """
    text = unicodedata.normalize("NFKC", typed).casefold()
    text = "".join(_plain_digit(character) for character in text)
    parts = re.split(r"[\s,;.]+", text.strip(" \t\r\n,;."))
    digits = "".join(parts).replace("-", "")
    if len(digits) == DIGITS and digits.isascii() and digits.isdigit():
        return _in_groups(digits)
    if len(parts) == WORDS and _known_words().issuperset(parts):
        return Receipt(tuple(parts))
    raise NotAReceipt


def lookup_digest(lookup_id: bytes) -> bytes:
    """What the database keeps of a lookup id: its SHA-256."""
    return hashlib.sha256(lookup_id).digest()


def positions_to_ask() -> tuple[int, ...]:
    """Choose which parts are typed back, counted from one, in order."""
    return tuple(sorted(secrets.SystemRandom().sample(range(1, WORDS + 1), ASKED_BACK)))


def typed_back(receipt: Receipt, answers: dict[int, str]) -> bool:
    """Tell whether each answer is the part of the receipt at its position."""
    return all(
        "".join(_plain_digit(c) for c in unicodedata.normalize("NFKC", answer).casefold()).strip()
        == receipt.parts[position - 1]
        for position, answer in answers.items()
    )


def _in_groups(digits: str) -> Receipt:
    starts = range(0, DIGITS, DIGITS_IN_A_GROUP)
    return Receipt(tuple(digits[start : start + DIGITS_IN_A_GROUP] for start in starts))


def _plain_digit(character: str) -> str:
    """Return 0 to 9 for a digit of any script, and anything else as it is."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
