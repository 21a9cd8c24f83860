"""What is compared: an entry on a list, and an account on a platform."""

from dataclasses import dataclass
from typing import Literal

SubjectKind = Literal["person", "organisation", "vessel", "aircraft"]
NameQuality = Literal["strong", "weak"]
NameRole = Literal["primary", "alias"]


@dataclass(frozen=True, slots=True)
class ListedName:
    """One name of a list entry, as the list writes it. `SURNAME, Given` is understood.

    `quality` is the list's own word for an alias. OFAC does not expect anyone to screen on weak
    aliases alone (OFAC FAQ 124), and neither do we.
    """

    text: str
    quality: NameQuality = "strong"
    role: NameRole = "primary"


@dataclass(frozen=True, slots=True)
class ListedSubject:
    """One entry of a sanctions list. `dates_of_birth` and `countries` are the list's raw texts."""

    key: str
    kind: SubjectKind
    names: tuple[ListedName, ...]
    dates_of_birth: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    websites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScreenedProfile:
    """What an account shows of itself. Every field may be empty."""

    handle: str
    display_name: str = ""
    bio: str = ""
    links: tuple[str, ...] = ()
    country: str = ""
    date_of_birth: str = ""
