"""The canonical form of one listed subject, whatever list and file format it came from.

Two exports that say the same thing must hash the same: publishers re-order children from day to
day, and a re-ordered child is no change. So `canonical()` sorts, drops what is empty, and leaves
out the publisher's row numbers of children, which carry no meaning.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, Self, get_args

Kind = Literal["person", "organisation", "vessel", "aircraft"]
Quality = Literal["strong", "weak"]
Role = Literal["primary", "alias"]
NameType = Literal["aka", "fka", "nka", ""]

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class ListedName:
    """A name as listed. OFAC does not expect screening on a weak alias alone (FAQ 124)."""

    text: str
    quality: Quality = "strong"
    role: Role = "alias"
    type: NameType = ""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number somebody issued: a passport, a tax number, an IMO number. Dates as listed."""

    type: str
    number: str
    country: str = ""
    issued: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Feature:
    """What the list states about the subject that is no identifier, such as a sanctions risk."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ListedAddress:
    """An address as listed. `locality` is city, state or province, and postal code in one line."""

    street: str = ""
    locality: str = ""
    country: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class DigitalCurrencyAddress:
    """A wallet. `currency` is the publisher's code, such as XBT or ETH."""

    currency: str
    address: str


@dataclass(frozen=True, slots=True)
class VesselDetails:
    """What the list says of a ship. Tonnages are the publisher's text, with its separators."""

    call_sign: str = ""
    type: str = ""
    tonnage: str = ""
    gross_tonnage: str = ""
    flag: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One listed subject. `entry_key` is the publisher's own key (OFAC: the uid), as text.

    Dates stay as listed ("circa 1951", "1960 to 1962"): reading them is the matcher's work. In
    `dates_of_birth`, `places_of_birth`, `nationalities` and `citizenships` the main one, where the
    publisher names one, stands first. `remarks` holds, verbatim and in order, each clause that has
    no field of its own, so that nothing listed is lost.
    """

    entry_key: str
    kind: Kind
    primary_name: str
    names: tuple[ListedName, ...] = ()
    programs: tuple[str, ...] = ()
    title: str = ""
    gender: str = ""
    dates_of_birth: tuple[str, ...] = ()
    places_of_birth: tuple[str, ...] = ()
    nationalities: tuple[str, ...] = ()
    citizenships: tuple[str, ...] = ()
    addresses: tuple[ListedAddress, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    features: tuple[Feature, ...] = ()
    websites: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    digital_currency_addresses: tuple[DigitalCurrencyAddress, ...] = ()
    linked_to: tuple[str, ...] = ()
    vessel: VesselDetails | None = None
    remarks: tuple[str, ...] = ()

    def canonical(self) -> dict[str, Any]:
        """The entry as plain JSON data: sorted, without empty fields, the same on every run."""
        data: dict[str, Any] = {}
        for name in FIELD_NAMES:
            value = getattr(self, name)
            if name in _MAIN_FIRST:
                value = _main_first(value)
            elif name == "remarks":
                value = list(value)
            elif isinstance(value, tuple):
                value = _sorted_members(_plain(member) for member in value)
            elif isinstance(value, VesselDetails):
                value = _plain(value)
            if value:
                data[name] = value
        return data

    def content_hash(self) -> str:
        """SHA-256 of the canonical form, in hexadecimal."""
        return canonical_hash(self.canonical())

    @classmethod
    def from_canonical(cls, data: Mapping[str, Any]) -> Self:
        """The entry that `canonical()` described."""
        fields: dict[str, Any] = dict(data)
        for name, member_class in _MEMBER_CLASSES.items():
            if name in fields:
                fields[name] = tuple(member_class(**member) for member in fields[name])
        if "vessel" in fields:
            fields["vessel"] = VesselDetails(**fields["vessel"])
        for name, value in fields.items():
            if isinstance(value, list):
                fields[name] = tuple(value)
        return cls(**fields)


FIELD_NAMES = tuple(field.name for field in fields(ListEntry))
_MAIN_FIRST = frozenset({"dates_of_birth", "places_of_birth", "nationalities", "citizenships"})
_MEMBER_CLASSES: dict[str, Any] = {
    "names": ListedName,
    "addresses": ListedAddress,
    "identifiers": Identifier,
    "features": Feature,
    "digital_currency_addresses": DigitalCurrencyAddress,
}


def canonical_hash(data: Mapping[str, Any]) -> str:
    """SHA-256, in hexadecimal, of canonical data written as compact JSON with sorted keys."""
    return hashlib.sha256(_as_json(data).encode()).hexdigest()


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields in which two canonical forms differ.

    A field gives `{"from": ..., "to": ...}`, with None for a side that lacks it. A list field gives
    `added` and `removed` members as well. Equal forms give an empty dict.
    """
    changes: dict[str, dict[str, Any]] = {}
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        change: dict[str, Any] = {"from": before, "to": after}
        if isinstance(before, list) or isinstance(after, list):
            change["added"] = _missing_from(before or [], after or [])
            change["removed"] = _missing_from(after or [], before or [])
        changes[name] = change
    return changes


def _missing_from(reference: list[Any], members: list[Any]) -> list[Any]:
    known = {_as_json(member) for member in reference}
    return [member for member in members if _as_json(member) not in known]


def _plain(member: Any) -> Any:
    if isinstance(member, str):
        return member
    return {name: value for name in type(member).__slots__ if (value := getattr(member, name))}


def _main_first(values: tuple[str, ...]) -> list[str]:
    if not values:
        return []
    main, *others = values
    return [main, *sorted(set(others) - {main})]


def _sorted_members(members: Iterable[Any]) -> list[Any]:
    """Sorted by their JSON and without exact repeats, which some publishers' exports contain."""
    given = list(members)
    if len(given) < 2:
        return given
    unique = {_as_json(member): member for member in given}
    return [unique[key] for key in sorted(unique)]


def _as_json(data: Any) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
