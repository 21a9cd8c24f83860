"""The Remarks of an OFAC entry: one text that carries many fields, clause after clause.

`DOB 05 Oct 1976; POB Tsenteroi, Republic of Chechnya, Russia; nationality Russia; Gender Male.`

A clause we understand fills a field. One we do not is kept verbatim. Nothing is dropped, and no
text, however broken, raises. Time is linear in the length of the text.
"""

import re
from collections.abc import Iterator

from sanctions.formats.ofac_terms import (
    DIGITAL_CURRENCY_LABEL,
    NAME_TYPES,
    EntryDraft,
    feature_label_of,
    identifier_label_of,
)

SEPARATOR = "; "
# SDN.CSV cuts Remarks at this many characters. The last clause may then be half a name.
CSV_REMARKS_LIMIT = 1000

_QUOTED_ALIAS_START = re.compile(r"(?:alt\. )?[afn]\.k\.a\. '")
# OFAC's names end well below this. The bound keeps hostile text linear.
_LONGEST_ALIAS = 500
_QUOTED_ALIAS = re.compile(r"([afn]\.k\.a\.) '(.+)'", re.DOTALL)
_DATE = r"(?:\d{1,2} )?(?:[A-Z][a-z]{2} )?\d{4}"
_IDENTIFIER_VALUE = re.compile(
    r"(?P<number>.*?)(?: \((?P<country>[A-Z][^()\d]*(?:\([^()]*\))?)\))?"
    rf"(?: issued (?P<issued>{_DATE}))?(?: expires (?P<expires>{_DATE}))?",
    re.DOTALL,
)
_LINKED_TO = "Linked To: "


def split_clauses(text: str) -> list[str]:
    """The clauses of a Remarks text. Joined with `SEPARATOR` they give the text again.

    A separator inside a quoted alias or inside balanced parentheses does not end a clause.
    """
    closing = _matching_parentheses(text)
    clauses = []
    start = 0
    while True:
        end = _clause_end(text, start, closing)
        clauses.append(text[start:end])
        if end == len(text):
            return clauses
        start = end + len(SEPARATOR)


def _clause_end(text: str, start: int, closing: dict[int, int]) -> int:
    position = start
    if quoted := _QUOTED_ALIAS_START.match(text, start):
        window = quoted.end() + _LONGEST_ALIAS
        end = text.find("'" + SEPARATOR, quoted.end(), window)
        if end < 0 and len(text) <= window and text.endswith("'"):
            end = len(text) - 1
        # A quote left open must not swallow the aliases behind it.
        if end >= quoted.end() and text.find("k.a. '", quoted.end(), end) < 0:
            position = end
    while True:
        separator = text.find(SEPARATOR, position)
        if separator < 0:
            return len(text)
        bracket = text.find("(", position, separator)
        while bracket >= 0 and bracket not in closing:
            bracket = text.find("(", bracket + 1, separator)
        if bracket < 0:
            return separator
        position = closing[bracket]


def _matching_parentheses(text: str) -> dict[int, int]:
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for match in re.finditer(r"[()]", text):
        if match.group() == "(":
            opened.append(match.start())
        elif opened:
            pairs[opened.pop()] = match.start()
    return pairs


def read_csv_remarks(draft: EntryDraft, text: str) -> bool:
    """Fill `draft` from the Remarks column of SDN.CSV. True if OFAC cut the text short.

    The column repeats the title among its clauses. The draft's title has it already, so the
    repetition is passed over.
    """
    was_cut = len(text) >= CSV_REMARKS_LIMIT
    clauses = _without_title(text if was_cut else text.removesuffix("."), draft.title)
    cut_clause = clauses.pop() if was_cut and clauses else ""
    for clause in clauses:
        _read_clause(draft, clause)
    if cut_clause:
        draft.remarks.append(cut_clause)
    return was_cut


def read_xml_remarks(draft: EntryDraft, text: str) -> None:
    """Fill `draft` from the `remarks` element, where only links have a fixed form."""
    for clause in split_clauses(text):
        inside = clause[1:-1]
        is_bracketed = _matching_parentheses(clause).get(0) == len(clause) - 1
        if is_bracketed and inside.startswith(_LINKED_TO):
            links = inside.removeprefix(_LINKED_TO).split(SEPARATOR + _LINKED_TO)
            draft.linked_to.extend(link for link in links if link)
        elif clause:
            draft.remarks.append(clause)


def _without_title(text: str, title: str) -> list[str]:
    if not title:
        return split_clauses(text)
    bounded = f"{SEPARATOR}{text}{SEPARATOR}"
    before, found, after = bounded.partition(f"{SEPARATOR}{title}{SEPARATOR}")
    if not found:
        return split_clauses(text)
    parts = (before.removeprefix(SEPARATOR), after.removesuffix(SEPARATOR))
    return [clause for part in parts if part for clause in split_clauses(part)]


def _read_clause(draft: EntryDraft, clause: str) -> None:
    text = clause.removeprefix("alt. ")
    for prefix, values in _plain_fields(draft):
        if text.startswith(prefix) and len(text) > len(prefix):
            values.append(text.removeprefix(prefix))
            return
    if alias := _QUOTED_ALIAS.fullmatch(text):
        draft.add_alias(alias.group(2), quality="weak", type=NAME_TYPES[alias.group(1)])
    elif clause and not _read_labelled(draft, text):
        draft.remarks.append(clause)


def _plain_fields(draft: EntryDraft) -> Iterator[tuple[str, list[str]]]:
    yield "DOB ", draft.dates_of_birth
    yield "POB ", draft.places_of_birth
    yield "nationality ", draft.nationalities
    yield "citizen ", draft.citizenships
    yield _LINKED_TO, draft.linked_to
    yield "Website ", draft.websites
    yield "Email Address ", draft.emails


def _read_labelled(draft: EntryDraft, text: str) -> bool:
    if text.startswith("Gender "):
        draft.add_labelled("Gender", text.removeprefix("Gender "))
    elif text.startswith(DIGITAL_CURRENCY_LABEL + " "):
        currency, _, address = text.removeprefix(DIGITAL_CURRENCY_LABEL + " ").partition(" ")
        if not address:
            return False
        draft.add_labelled(f"{DIGITAL_CURRENCY_LABEL} {currency}", address)
    elif label := feature_label_of(text):
        value = text.removeprefix(label).removeprefix(" ")
        if not value:
            return False
        draft.add_labelled(label, value)
    elif label := identifier_label_of(text):
        return _read_identifier(draft, label, text.removeprefix(label).removeprefix(" "))
    else:
        return False
    return True


def _read_identifier(draft: EntryDraft, label: str, value: str) -> bool:
    match = _IDENTIFIER_VALUE.fullmatch(value)
    if match is None:
        return False
    number = match["number"]
    # "License" and "Passport" also begin sentences. A number has a digit or is one short code.
    if not number or not (any(map(str.isdigit, number)) or " " not in number):
        return False
    draft.add_labelled(
        label,
        number,
        country=match["country"] or "",
        issued=match["issued"] or "",
        expires=match["expires"] or "",
    )
    return True
