"""SDN.XML and CONSOLIDATED.XML, which share one schema under two namespaces.

Schema: https://ofac.treasury.gov/media/29981/download (sdn.xsd). The header element is spelled
`publshInformation` by its publisher. A document type declaration is refused, because the official
files have none and everything hostile in XML needs one. An element outside the known layout is
refused too: a publisher who renames elements must not look like one who delists everybody.
"""

import datetime
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, TypeAlias

from lxml import etree

from sanctions.formats.entries import ListedAddress, ListEntry, Quality, VesselDetails
from sanctions.formats.ofac_remarks import read_xml_remarks
from sanctions.formats.ofac_terms import KINDS_BY_OFAC_TYPE, NAME_TYPES, EntryDraft
from sanctions.formats.parsed import Opener, ParsedList
from sanctions.formats.refusals import ListRefused, Reason

FORMAT = "ofac-xml"
ROOT = "sdnList"
HEADER = "publshInformation"
ENTRY = "sdnEntry"
NAMESPACES = (
    "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML",
    "http://tempuri.org/sdnList.xsd",
)
# Each element that holds others, and which.
LAYOUT: dict[str, frozenset[str]] = {
    ROOT: frozenset({HEADER, ENTRY}),
    HEADER: frozenset({"Publish_Date", "Record_Count"}),
    ENTRY: frozenset(
        {"uid", "firstName", "lastName", "title", "sdnType", "remarks", "programList", "idList"}
        | {"akaList", "addressList", "nationalityList", "citizenshipList", "dateOfBirthList"}
        | {"placeOfBirthList", "vesselInfo"}
    ),
    "programList": frozenset({"program"}),
    "idList": frozenset({"id"}),
    "id": frozenset({"uid", "idType", "idNumber", "idCountry", "issueDate", "expirationDate"}),
    "akaList": frozenset({"aka"}),
    "aka": frozenset({"uid", "type", "category", "lastName", "firstName"}),
    "addressList": frozenset({"address"}),
    "address": frozenset(
        {"uid", "address1", "address2", "address3", "city", "stateOrProvince", "postalCode"}
        | {"country"}
    ),
    "nationalityList": frozenset({"nationality"}),
    "nationality": frozenset({"uid", "country", "mainEntry"}),
    "citizenshipList": frozenset({"citizenship"}),
    "citizenship": frozenset({"uid", "country", "mainEntry"}),
    "dateOfBirthList": frozenset({"dateOfBirthItem"}),
    "dateOfBirthItem": frozenset({"uid", "dateOfBirth", "mainEntry"}),
    "placeOfBirthList": frozenset({"placeOfBirthItem"}),
    "placeOfBirthItem": frozenset({"uid", "placeOfBirth", "mainEntry"}),
    "vesselInfo": frozenset(
        {"callSign", "vesselType", "vesselFlag", "vesselOwner", "tonnage"}
        | {"grossRegisteredTonnage"}
    ),
}
# What is read of an entry stays in memory until its end. The largest official one has 0.1 MB.
MAX_ENTRY_BYTES = 32 * 1024 * 1024

# An element's texts, and the content of children that hold others, by the child's name.
_Content: TypeAlias = dict[str, list[Any]]
_PARSER_OPTIONS: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_PRINTED_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")

_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_CHAR,
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
    }
)


def read(opener: Opener) -> ParsedList:
    """The header at once, the entries as they are consumed. Memory stays flat.

    The number of entries must be the header's `Record_Count` in the end.
    """
    parsed = ParsedList(format=FORMAT, entries=iter(()))
    prefix = _prefix_of_root(opener)
    stages = _read_stages(parsed, opener, prefix)
    next(stages)
    parsed.entries = (entry for entry in stages if entry is not None)
    return parsed


def _prefix_of_root(opener: Opener) -> str:
    """What the tags of this list begin with, once its root is known to be an OFAC list's."""
    with opener() as stream:
        tail = _TailReader(stream)
        try:
            _, root = next(iter(etree.iterparse(tail, events=("start",), **_PARSER_OPTIONS)))
        except etree.XMLSyntaxError as error:
            raise _as_refusal(error, tail) from None
        return f"{{{_namespace_of_root(root)}}}"


def _read_stages(parsed: ParsedList, opener: Opener, prefix: str) -> Iterator[ListEntry | None]:
    """None once the header is in `parsed`, then each entry."""
    with opener() as stream:
        tail = _TailReader(stream)
        events = etree.iterparse(
            tail, events=("end",), tag=(prefix + HEADER, prefix + ENTRY), **_PARSER_OPTIONS
        )
        try:
            yield from _walk(parsed, events, prefix, tail)
        except etree.XMLSyntaxError as error:
            raise _as_refusal(error, tail) from None


def _walk(
    parsed: ParsedList,
    events: "etree.iterparse[tuple[str, etree._Element]]",
    prefix: str,
    tail: "_TailReader",
) -> Iterator[ListEntry | None]:
    seen_count = 0
    for _, element in events:
        tail.unused_bytes = 0
        root, before = element.getparent(), element.getprevious()
        if root is None or root.getparent() is not None:
            raise _unknown_element(element, prefix, parent=ROOT)
        # What was read is removed, so anything left in front is no part of the layout.
        if before is not None:
            raise _unknown_element(before, prefix, parent=ROOT)
        if element.tag == prefix + HEADER:
            _read_header(parsed, _content(element, prefix, HEADER))
            yield None
        elif parsed.declared_count is None:
            raise _header_missing()
        else:
            seen_count += 1
            yield _read_entry(_content(element, prefix, ENTRY)).entry()
        root.remove(element)
    for leftover in () if events.root is None else events.root:
        raise _unknown_element(leftover, prefix, parent=ROOT)
    if parsed.declared_count is None:
        raise _header_missing()
    if seen_count != parsed.declared_count:
        raise ListRefused(
            Reason.COUNT_MISMATCH,
            f"The list says it has {parsed.declared_count} entries, but {seen_count} were read.",
        )


def _header_missing() -> ListRefused:
    return ListRefused(
        Reason.UNKNOWN_LAYOUT,
        f"The list does not begin with its <{HEADER}> header, so its date and its number of "
        "entries are unknown.",
    )


def _namespace_of_root(root: etree._Element) -> str:
    information = root.getroottree().docinfo
    if information.internalDTD is not None:
        raise entities_forbidden()
    encoding = (information.encoding or "UTF-8").upper()
    if encoding not in ("UTF-8", "US-ASCII", "ASCII"):
        raise ListRefused(
            Reason.ENCODING,
            f"The list declares the encoding {encoding}. The official file is UTF-8, and names "
            "read in the wrong encoding are wrong names.",
        )
    name = etree.QName(root)
    if name.localname != ROOT:
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"The root element is <{name.localname}>, where an OFAC list has <{ROOT}>.",
        )
    if name.namespace not in NAMESPACES:
        raise ListRefused(
            Reason.UNKNOWN_NAMESPACE,
            f"The list is in the namespace {name.namespace or '(none)'}, which is not known. "
            "OFAC may have changed its schema: a person has to compare it before it is read.",
        )
    return name.namespace


def entities_forbidden() -> ListRefused:
    """The refusal of a document type declaration."""
    return ListRefused(
        Reason.ENTITIES_FORBIDDEN,
        "The file has a document type declaration, which can hold entities. No official list has "
        "one, so it was not read further.",
    )


def _content(element: etree._Element, prefix: str, name: str) -> _Content:
    """What an element holds, by name: texts, and for a child that holds others, its content."""
    layout = LAYOUT[name]
    found: _Content = {}
    for child in element:
        child_name = child.tag[len(prefix) :]
        if child_name not in layout or not child.tag.startswith(prefix):
            raise _unknown_element(child, prefix, parent=name)
        value: str | _Content
        if child_name in LAYOUT:
            value = _content(child, prefix, child_name)
        elif len(child):
            raise _unknown_element(child[0], prefix, parent=child_name)
        else:
            value = (child.text or "").strip()
        found.setdefault(child_name, []).append(value)
    return found


def _unknown_element(element: etree._Element, prefix: str, *, parent: str) -> ListRefused:
    return ListRefused(
        Reason.UNKNOWN_LAYOUT,
        f"The element <{str(element.tag).removeprefix(prefix)}> inside <{parent}> is not part of "
        "the known layout. OFAC may have changed its schema: a person has to compare it before "
        "it is read.",
    )


def _read_header(parsed: ParsedList, header: _Content) -> None:
    printed, count = _text(header, "Publish_Date"), _text(header, "Record_Count")
    date = _PRINTED_DATE.fullmatch(printed)
    if date is None or not count.isdecimal():
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"The list's header gives the date {printed!r} and the count {count!r}. "
            "A date as month/day/year and a whole number belong there.",
        )
    month, day, year = map(int, date.groups())
    try:
        parsed.published_on = datetime.date(year, month, day)
    except ValueError:
        raise ListRefused(
            Reason.MALFORMED, f"The list's header gives the date {printed}, which is none."
        ) from None
    parsed.declared_count = int(count)


def _read_entry(entry: _Content) -> EntryDraft:
    uid = _text(entry, "uid")
    name = _full_name(entry)
    sdn_type = _text(entry, "sdnType")
    if not uid.isdecimal() or not name:
        raise ListRefused(
            Reason.MALFORMED, f"An entry has the number {uid[:40]!r} and the name {name[:80]!r}."
        )
    kind = KINDS_BY_OFAC_TYPE.get(sdn_type.casefold())
    if kind is None:
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT, f"Entry {uid} is of the unknown type {sdn_type[:40]!r}."
        )
    draft = EntryDraft(
        entry_key=uid,
        kind=kind,
        primary_name=name,
        programs=[*_items(entry, "programList", "program")],
        title=_text(entry, "title"),
        vessel=_read_vessel(entry),
    )
    for alias in _items(entry, "akaList", "aka"):
        _read_alias(draft, alias)
    for address in _items(entry, "addressList", "address"):
        draft.add_address(_read_address(address))
    for identifier in _items(entry, "idList", "id"):
        draft.add_labelled(
            _text(identifier, "idType"),
            _text(identifier, "idNumber"),
            country=_text(identifier, "idCountry"),
            issued=_text(identifier, "issueDate"),
            expires=_text(identifier, "expirationDate"),
        )
    draft.dates_of_birth += _main_first(
        _items(entry, "dateOfBirthList", "dateOfBirthItem"), "dateOfBirth"
    )
    draft.places_of_birth += _main_first(
        _items(entry, "placeOfBirthList", "placeOfBirthItem"), "placeOfBirth"
    )
    draft.nationalities += _main_first(_items(entry, "nationalityList", "nationality"), "country")
    draft.citizenships += _main_first(_items(entry, "citizenshipList", "citizenship"), "country")
    read_xml_remarks(draft, _text(entry, "remarks"))
    return draft


def _main_first(items: list[_Content], name: str) -> list[str]:
    """The texts called `name`, sorted, the one marked as the main entry before the others."""
    found = [(_text(item, "mainEntry") != "true", _text(item, name)) for item in items]
    return [text for _, text in sorted(found) if text]


def _read_alias(draft: EntryDraft, alias: _Content) -> None:
    type_, category = _text(alias, "type"), _text(alias, "category")
    if type_ not in NAME_TYPES or category not in ("strong", "weak"):
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"Entry {draft.entry_key} has a name of the type {type_[:40]!r} and the category "
            f"{category[:40]!r}, which are not known.",
        )
    if name := _full_name(alias):
        quality: Quality = "weak" if category == "weak" else "strong"
        draft.add_alias(name, quality=quality, type=NAME_TYPES[type_])


def _read_address(address: _Content) -> ListedAddress:
    lines = (_text(address, name) for name in ("address1", "address2", "address3"))
    region = (_text(address, name) for name in ("city", "stateOrProvince"))
    # As in ADD.CSV: "Guadalajara, Jalisco 44600".
    locality = (", ".join(filter(None, region)), _text(address, "postalCode"))
    return ListedAddress(
        street=", ".join(filter(None, lines)),
        locality=" ".join(filter(None, locality)),
        country=_text(address, "country"),
    )


def _read_vessel(entry: _Content) -> VesselDetails | None:
    for vessel in entry.get("vesselInfo", ()):
        return VesselDetails(
            call_sign=_text(vessel, "callSign"),
            type=_text(vessel, "vesselType"),
            tonnage=_text(vessel, "tonnage"),
            gross_tonnage=_text(vessel, "grossRegisteredTonnage"),
            flag=_text(vessel, "vesselFlag"),
            owner=_text(vessel, "vesselOwner"),
        )
    return None


def _full_name(content: _Content) -> str:
    """As in SDN.CSV: family name, then given names after a comma."""
    return ", ".join(filter(None, (_text(content, "lastName"), _text(content, "firstName"))))


def _items(content: _Content, list_name: str, item_name: str) -> list[Any]:
    return [item for holder in content.get(list_name, ()) for item in holder.get(item_name, ())]


def _text(content: _Content, name: str) -> str:
    return content[name][0] if name in content else ""


class _TailReader:
    """Passes a stream on and remembers its last bytes, which tell a cut file from a broken one."""

    def __init__(self, stream: BinaryIO) -> None:
        self.unused_bytes = 0
        self._stream = stream
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._tail = (self._tail + chunk)[-64:]
        self.unused_bytes += len(chunk)
        if self.unused_bytes > MAX_ENTRY_BYTES:
            raise ListRefused(
                Reason.UNKNOWN_LAYOUT,
                f"{MAX_ENTRY_BYTES // 1_000_000} MB of the list went by without an <{ENTRY}>. "
                "OFAC may have changed its schema: a person has to compare it before it is read.",
            )
        return chunk

    def is_cut(self) -> bool:
        """Whether what is left to read, and so the file, does not end with the root's end tag."""
        while chunk := self._stream.read(1 << 16):
            self._tail = (self._tail + chunk)[-64:]
        return not self._tail.rstrip().endswith(f"</{ROOT}>".encode())


def _as_refusal(error: etree.XMLSyntaxError, tail: _TailReader) -> ListRefused:
    line, _column = error.position
    if error.code in _ENCODING_ERRORS:  # type: ignore[attr-defined]  # lxml-stubs lacks it
        return ListRefused(
            Reason.ENCODING,
            f"The list is not in the encoding it declares (line {line}). Names read in the wrong "
            "encoding are wrong names, so none of it was taken.",
        )
    if tail.is_cut():
        return ListRefused(
            Reason.TRUNCATED, f"The list ends early, on line {line}: it was cut short."
        )
    return ListRefused(Reason.MALFORMED, f"The list is not well-formed XML: {error.msg}.")
