"""SDN.XML and CONSOLIDATED.XML, which share one schema under two namespaces.

Schema: https://ofac.treasury.gov/media/29981/download (sdn.xsd). The header element is spelled
`publshInformation` by its publisher. A document type declaration is refused, because the official
files have none and everything hostile in XML needs one. An element outside the known layout is
refused too: a publisher who renames elements must not look like one who delists everybody.
"""

import datetime
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

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
    stages = _read_stages(parsed, opener)
    next(stages)
    parsed.entries = (entry for entry in stages if entry is not None)
    return parsed


def _read_stages(parsed: ParsedList, opener: Opener) -> Iterator[ListEntry | None]:
    """None once the header is in `parsed`, then each entry."""
    with opener() as stream:
        tail = _TailReader(stream)
        events = etree.iterparse(
            tail,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            yield from _walk(parsed, events)
        except etree.XMLSyntaxError as error:
            raise _as_refusal(error, tail) from None


def _walk(
    parsed: ParsedList, events: Iterable[tuple[str, etree._Element]]
) -> Iterator[ListEntry | None]:
    root: etree._Element | None = None
    prefix = ""
    path: list[str] = []
    seen_count = 0
    for event, element in events:
        if root is None:
            root, prefix = element, f"{{{_namespace_of_root(element)}}}"
        if event == "start":
            path.append(_known_name(element, prefix, parent=path[-1] if path else ""))
            continue
        name = path.pop()
        if name == HEADER:
            _read_header(parsed, element, prefix)
            yield None
        elif name == ENTRY:
            if parsed.declared_count is None:
                raise _header_missing()
            seen_count += 1
            yield _read_entry(element, prefix).entry()
            element.clear()
            root.remove(element)
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


def _known_name(element: etree._Element, prefix: str, *, parent: str) -> str:
    tag = str(element.tag)
    name = tag.removeprefix(prefix)
    if not tag.startswith(prefix) or (parent and name not in LAYOUT.get(parent, ())):
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"The element <{name}> inside <{parent}> is not part of the known layout. "
            "OFAC may have changed its schema: a person has to compare it before it is read.",
        )
    return name


def _read_header(parsed: ParsedList, header: etree._Element, prefix: str) -> None:
    printed, count = _text(header, prefix, "Publish_Date"), _text(header, prefix, "Record_Count")
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


def _read_entry(element: etree._Element, prefix: str) -> EntryDraft:
    uid = _text(element, prefix, "uid")
    name = _full_name(element, prefix)
    sdn_type = _text(element, prefix, "sdnType")
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
        programs=[_own_text(item) for item in _items(element, prefix, "programList", "program")],
        title=_text(element, prefix, "title"),
        vessel=_read_vessel(element, prefix),
    )
    for alias in _items(element, prefix, "akaList", "aka"):
        _read_alias(draft, alias, prefix)
    for address in _items(element, prefix, "addressList", "address"):
        draft.add_address(_read_address(address, prefix))
    for identifier in _items(element, prefix, "idList", "id"):
        draft.add_labelled(
            _text(identifier, prefix, "idType"),
            _text(identifier, prefix, "idNumber"),
            country=_text(identifier, prefix, "idCountry"),
            issued=_text(identifier, prefix, "issueDate"),
            expires=_text(identifier, prefix, "expirationDate"),
        )
    for values, list_name, item_name, field_name in (
        (draft.dates_of_birth, "dateOfBirthList", "dateOfBirthItem", "dateOfBirth"),
        (draft.places_of_birth, "placeOfBirthList", "placeOfBirthItem", "placeOfBirth"),
        (draft.nationalities, "nationalityList", "nationality", "country"),
        (draft.citizenships, "citizenshipList", "citizenship", "country"),
    ):
        items = _items(element, prefix, list_name, item_name)
        items.sort(
            key=lambda item, field_name=field_name: (  # type: ignore[misc]  # bound per turn
                _text(item, prefix, "mainEntry") != "true",
                _text(item, prefix, field_name),
            )
        )
        values.extend(value for item in items if (value := _text(item, prefix, field_name)))
    read_xml_remarks(draft, _text(element, prefix, "remarks"))
    return draft


def _read_alias(draft: EntryDraft, alias: etree._Element, prefix: str) -> None:
    type_, category = _text(alias, prefix, "type"), _text(alias, prefix, "category")
    if type_ not in NAME_TYPES or category not in ("strong", "weak"):
        raise ListRefused(
            Reason.UNKNOWN_LAYOUT,
            f"Entry {draft.entry_key} has a name of the type {type_[:40]!r} and the category "
            f"{category[:40]!r}, which are not known.",
        )
    if name := _full_name(alias, prefix):
        quality: Quality = "weak" if category == "weak" else "strong"
        draft.add_alias(name, quality=quality, type=NAME_TYPES[type_])


def _read_address(address: etree._Element, prefix: str) -> ListedAddress:
    lines = (_text(address, prefix, name) for name in ("address1", "address2", "address3"))
    region = (_text(address, prefix, name) for name in ("city", "stateOrProvince"))
    # As in ADD.CSV: "Guadalajara, Jalisco 44600".
    locality = (", ".join(filter(None, region)), _text(address, prefix, "postalCode"))
    return ListedAddress(
        street=", ".join(filter(None, lines)),
        locality=" ".join(filter(None, locality)),
        country=_text(address, prefix, "country"),
    )


def _read_vessel(element: etree._Element, prefix: str) -> VesselDetails | None:
    vessel = element.find(f"{prefix}vesselInfo")
    if vessel is None:
        return None
    return VesselDetails(
        call_sign=_text(vessel, prefix, "callSign"),
        type=_text(vessel, prefix, "vesselType"),
        tonnage=_text(vessel, prefix, "tonnage"),
        gross_tonnage=_text(vessel, prefix, "grossRegisteredTonnage"),
        flag=_text(vessel, prefix, "vesselFlag"),
        owner=_text(vessel, prefix, "vesselOwner"),
    )


def _full_name(element: etree._Element, prefix: str) -> str:
    """As in SDN.CSV: family name, then given names after a comma."""
    names = (_text(element, prefix, "lastName"), _text(element, prefix, "firstName"))
    return ", ".join(filter(None, names))


def _items(
    element: etree._Element, prefix: str, list_name: str, item_name: str
) -> list[etree._Element]:
    found = element.find(f"{prefix}{list_name}")
    return [] if found is None else found.findall(f"{prefix}{item_name}")


def _text(element: etree._Element, prefix: str, name: str) -> str:
    return (element.findtext(f"{prefix}{name}") or "").strip()


def _own_text(element: etree._Element) -> str:
    return (element.text or "").strip()


class _TailReader:
    """Passes a stream on and remembers its last bytes, which tell a cut file from a broken one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._tail = (self._tail + chunk)[-64:]
        return chunk

    def is_cut(self) -> bool:
        """Whether what is left to read, and so the file, does not end with the root's end tag."""
        while self.read(1 << 16):
            pass
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
