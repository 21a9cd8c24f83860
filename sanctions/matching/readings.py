"""The ways in which a profile may name its owner: display name, handle, and claims in the bio."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sanctions.matching.handles import handle_tokens, may_be_glued
from sanctions.matching.normalise import MAX_TEXT_CHARACTERS
from sanctions.matching.subjects import ScreenedProfile
from sanctions.matching.tokens import PlacedToken, Token, placed_tokens

ReadingField = Literal["name", "handle", "bio"]

MAX_BIO_CLAIMS = 3
_MAX_CLAIM_CHARACTERS = 80
# Whose account it is, in a bio's own words. A name that merely occurs in a bio claims nothing.
_CLAIM = re.compile(
    r"(?:\b(?:official\s+)?(?:account|page|channel|profile|website)\s+of\b"
    r"|\b(?:i\s+am|i['’]m|my\s+name\s+is|real\s+name|also\s+known\s+as|a\.?k\.?a\.?)(?=\W)"
    r"|(?:аккаунт|страница|канал|сторінка)(?=\s)|\bменя\s+зовут\b|الحساب\s+الرسمي|الصفحة\s+الرسمية)"
    r"[\s:]*(?:the\s+)?",
    re.IGNORECASE,
)
_CLAIM_END = re.compile(r"[.!?;|\n,(]|\s[-–—]\s")
# Pages about somebody: they name a listed person to speak of them, mostly against.
_ABOUT = re.compile(
    r"\b(?:stop|free|against|victims?|justice|boycott|sanction|arrest|jail|prisoners?|crimes?|"
    r"anti|parody|not|hate|resign|out)\b|(?:против|жертвы|долой|пародия)|ضد",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One text of a profile that may be its owner's name.

    `speaks_about` marks a text that names somebody in order to speak about them.
    """

    field: ReadingField
    text: str
    placed: tuple[PlacedToken, ...]
    glued: str
    speaks_about: bool

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(placed.token for placed in self.placed)


def _reading(field: ReadingField, text: str, placed: tuple[PlacedToken, ...]) -> Reading | None:
    if not any(p.token.is_name and not p.token.is_decoration for p in placed):
        return None
    significant = [p.token for p in placed if not p.token.is_decoration]
    glued = (
        significant[0].text
        if field != "bio" and len(significant) == 1 and may_be_glued(significant[0])
        else ""
    )
    return Reading(field, text, placed, glued, field != "handle" and bool(_ABOUT.search(text)))


def _bio_claims(bio: str) -> list[Reading]:
    claims = []
    for match in _CLAIM.finditer(bio):
        rest = bio[match.end() : match.end() + _MAX_CLAIM_CHARACTERS]
        end = _CLAIM_END.search(rest)
        text = rest[: end.start()] if end else rest
        reading = _reading("bio", text, placed_tokens(text))
        if reading:
            claims.append(reading)
        if len(claims) == MAX_BIO_CLAIMS:
            break
    return claims


@lru_cache(maxsize=256)
def readings_of(profile: ScreenedProfile) -> tuple[Reading, ...]:
    """Every reading of a profile, the display name first; empty when nothing in it is a name."""
    name = profile.display_name[:MAX_TEXT_CHARACTERS]
    alone = len(name.split()) == 1
    found = [
        _reading("name", name, handle_tokens(name) if alone else placed_tokens(name)),
        _reading("handle", profile.handle, handle_tokens(profile.handle)),
        *_bio_claims(profile.bio[:MAX_TEXT_CHARACTERS]),
    ]
    return tuple(reading for reading in found if reading)
