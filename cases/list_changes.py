"""A designation's field diff in words: what each field lost and what it gained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an entry. A field with a single value loses the old one and gains the new."""

    field: str
    removed: list[str]
    added: list[str]

    @property
    def is_reordered(self) -> bool:
        return not self.removed and not self.added


def field_changes(diff: Mapping[str, Mapping[str, Any]]) -> list[FieldChange]:
    """Read a diff as `sanctions.formats.entries.diff` writes it."""
    return [
        FieldChange(
            field=name.replace("_", " ").capitalize(),
            removed=_members(change, "removed", "from"),
            added=_members(change, "added", "to"),
        )
        for name, change in diff.items()
    ]


def _members(change: Mapping[str, Any], of_list: str, of_value: str) -> list[str]:
    members = change[of_list] if of_list in change else [change[of_value]]
    return [_in_words(member) for member in members if member not in (None, "", [], {})]


def _in_words(member: Any) -> str:
    if isinstance(member, Mapping):
        return ", ".join(_in_words(value) for value in member.values() if value)
    if isinstance(member, list):
        return "; ".join(_in_words(value) for value in member)
    return str(member)
