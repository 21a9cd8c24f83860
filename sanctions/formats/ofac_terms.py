"""OFAC's vocabulary, shared by its XML and its CSV, and the draft of an entry built from it.

In SDN.XML a feature or an identifier is an `id` element whose `idType` is the label. In SDN.CSV the
same label begins a clause of the Remarks column. The labels are OFAC's own, spelling included.
Source: the files themselves, and https://ofac.treasury.gov/sdn-list/sanctions-list-search-tool.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from sanctions.formats.entries import (
    DigitalCurrencyAddress,
    Feature,
    Identifier,
    Kind,
    ListedAddress,
    ListedName,
    ListEntry,
    NameType,
    Quality,
    VesselDetails,
)

KINDS_BY_OFAC_TYPE: dict[str, Kind] = {
    "individual": "person",
    "entity": "organisation",
    "vessel": "vessel",
    "aircraft": "aircraft",
}
NAME_TYPES: dict[str, NameType] = {
    "a.k.a.": "aka",
    "f.k.a.": "fka",
    "n.k.a.": "nka",
    "aka": "aka",
    "fka": "fka",
    "nka": "nka",
}

DIGITAL_CURRENCY_LABEL = "Digital Currency Address -"

# Labels that state something about the subject without numbering a document.
FEATURE_LABELS = (
    "Additional Sanctions Information -",
    "Aircraft Construction Number (also called L/N or S/N or F/N)",
    "Aircraft Manufacture Date",
    "Aircraft Model",
    "Aircraft Operator",
    "CAATSA Section 235 Information:",
    "Former Vessel Flag",
    "IFCA Determination -",
    "Issuer Name",
    "Nationality of Registration",
    "Organization Established Date",
    "Organization Type:",
    "Other Vessel Flag",
    "Other Vessel Type",
    "Secondary sanctions risk:",
    "Target Type",
    "Transactions Prohibited For Persons Owned or Controlled By U.S. Financial Institutions:",
    "Vessel Year of Build",
)
# Labels of numbers that somebody issued.
IDENTIFIER_LABELS = (
    "Afghan Money Service Provider License Number",
    "Aircraft Manufacturer's Serial Number (MSN)",
    "Aircraft Mode S Transponder Code",
    "Aircraft Serial Identification",
    "Aircraft Tail Number",
    "BIK (RU)",
    "Birth Certificate Number",
    "Bosnian Personal ID No.",
    "Branch Unit Number",
    "British National Overseas Passport",
    "Business Number",
    "Business Registration Document #",
    "Business Registration Number",
    "C.I.F.",
    "C.I.N.",
    "C.R. No.",
    "C.U.I.",
    "C.U.I.P.",
    "C.U.I.T.",
    "C.U.R.P.",
    "C.U.R.P. #",
    "CNP (Personal Numerical Code)",
    "Cartilla de Servicio Militar Nacional",
    "Cedula No.",
    "Central Registration System Number",
    "Certificate of Incorporation Number",
    "Chamber of Commerce Number",
    "Chinese Commercial Code",
    "Citizen's Card Number",
    "Commercial Registry Number",
    "Company Number",
    "Credencial electoral",
    "D-U-N-S Number",
    "D.N.I.",
    "Diplomatic Passport",
    "Driver's License No.",
    "Dubai Chamber of Commerce Membership No.",
    "Economic Register Number (CBLS)",
    "Electoral Registry No.",
    "Enterprise Number",
    "Equity Ticker",
    "Fax",
    "File Number",
    "Fiscal Code",
    "Folio Mercantil No.",
    "Government Gazette Number",
    "I.F.E.",
    "ISIN",
    "Identification Number",
    "Immigration No.",
    "Istanbul Chamber of Comm. No.",
    "Italian Fiscal Code",
    "Kenyan ID No.",
    "LE Number",
    "Legal Entity Number",
    "License",
    "MMSI",
    "MSB Registration Number",
    "Matricula Mercantil No",
    "Military Registration Number",
    "Moroccan Personal ID No.",
    "N.I.E.",
    "N.I.F.",
    "NIT #",
    "National Foreign ID Number",
    "National ID No.",
    "Numero Unico de Identificacao Tributaria (NUIT)",
    "Numero de Identidad",
    "Organization Code",
    "Other Vessel Call Sign",
    "Paraguayan tax identification number",
    "Passport",
    "Permit Number",
    "Personal ID Card",
    "Phone Number",
    "Pilot License Number",
    "Previous Aircraft Tail Number",
    "Public Registration Number",
    "Public Security and Immigration No.",
    "R.F.C.",
    "R.F.C. #",
    "RFC",
    "RIF #",
    "RSIN",
    "RTN",
    "RUC #",
    "Refugee ID Card",
    "Registered Charity No.",
    "Registration Certificate Number (Dubai)",
    "Registration ID",
    "Registration Number",
    "Residency Number",
    "Romanian C.R.",
    "Romanian Permanent Resident CAN",
    "Romanian Tax Registration",
    "Russian State Individual Business Registration Number Pattern (OGRNIP)",
    "SRE Permit No.",
    "SSN",
    "SWIFT/BIC",
    "Seafarer's Identification Document",
    "Serial No.",
    "Stateless Person ID Card",
    "Stateless Person Passport",
    "Tax ID No.",
    "Tazkira National ID Card",
    "Telephone",
    "Tourism License No.",
    "Trade License No.",
    "Trademark number",
    "Travel Document Number",
    "Turkish Identification Number",
    "UAE Identification",
    "UK Company Number",
    "US FEIN",
    "Unified Social Credit Code (USCC)",
    "United Social Credit Code Certificate (USCCC)",
    "V.A.T. Number",
    "Vessel Registration Identification",
    "VisaNumberID",
)
# Labels that carry a number or a date of their own, which OFAC mints as orders are issued.
_NUMBERED_FEATURE = re.compile(
    r"Executive Order \d+ (?:Directive )?(?:Determination|[Ii]nformation)(?: -|:|(?= ))"
    r"|(?:Listing|Effective|Purchase/Sales For Divestment) Date \([^()]*\):?"
)


def _by_first_word(labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for label in labels:
        found[label.split(" ", 1)[0]].append(label)
    return {word: tuple(sorted(group, key=len, reverse=True)) for word, group in found.items()}


_FEATURES = _by_first_word(FEATURE_LABELS)
_IDENTIFIERS = _by_first_word(IDENTIFIER_LABELS)


def feature_label_of(text: str) -> str:
    """The feature label that `text` begins with, or an empty string."""
    return _label_of(text, _FEATURES) or (
        match.group() if (match := _NUMBERED_FEATURE.match(text)) else ""
    )


def identifier_label_of(text: str) -> str:
    """The longest identifier label that `text` begins with, or an empty string."""
    return _label_of(text, _IDENTIFIERS)


def _label_of(text: str, labels: dict[str, tuple[str, ...]]) -> str:
    for label in labels.get(text.split(" ", 1)[0], ()):
        if text == label or text.startswith(label + " "):
            return label
    return ""


@dataclass(slots=True)
class EntryDraft:
    """What has been read of one OFAC entry so far. Both file formats fill it the same way."""

    entry_key: str
    kind: Kind
    primary_name: str
    programs: list[str]
    title: str = ""
    gender: str = ""
    aliases: list[ListedName] = field(default_factory=list)
    dates_of_birth: list[str] = field(default_factory=list)
    places_of_birth: list[str] = field(default_factory=list)
    nationalities: list[str] = field(default_factory=list)
    citizenships: list[str] = field(default_factory=list)
    addresses: list[ListedAddress] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    websites: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    wallets: list[DigitalCurrencyAddress] = field(default_factory=list)
    linked_to: list[str] = field(default_factory=list)
    vessel: VesselDetails | None = None
    remarks: list[str] = field(default_factory=list)

    def add_alias(self, text: str, *, quality: Quality, type: NameType) -> None:
        """Add a name other than the primary one."""
        self.aliases.append(ListedName(text, quality=quality, role="alias", type=type))

    def add_address(self, address: ListedAddress) -> None:
        """Add an address. OFAC lists empty ones where it knows none: those are left out."""
        if address != ListedAddress():
            self.addresses.append(address)

    def add_labelled(
        self, label: str, text: str, *, country: str = "", issued: str = "", expires: str = ""
    ) -> None:
        """Put what OFAC states under `label` where it belongs in the canonical form."""
        if label == "Gender" and not self.gender:
            self.gender = text
        elif label == "Website":
            self.websites.append(text)
        elif label == "Email Address":
            self.emails.append(text)
        elif label.startswith(DIGITAL_CURRENCY_LABEL):
            currency = label.removeprefix(DIGITAL_CURRENCY_LABEL).strip()
            self.wallets.append(DigitalCurrencyAddress(currency=currency, address=text))
        elif label == "Gender" or feature_label_of(label + " "):
            details = (
                text,
                f"({country})" if country else "",
                f"issued {issued}" if issued else "",
                f"expires {expires}" if expires else "",
            )
            self.features.append(
                Feature(label=label.rstrip(" -:"), text=" ".join(filter(None, details)))
            )
        else:
            self.identifiers.append(Identifier(label, text, country, issued, expires))

    def entry(self) -> ListEntry:
        """The finished entry."""
        primary = ListedName(self.primary_name, quality="strong", role="primary")
        return ListEntry(
            entry_key=self.entry_key,
            kind=self.kind,
            primary_name=self.primary_name,
            names=(primary, *self.aliases),
            programs=tuple(sorted(set(self.programs))),
            title=self.title,
            gender=self.gender,
            dates_of_birth=tuple(self.dates_of_birth),
            places_of_birth=tuple(self.places_of_birth),
            nationalities=tuple(self.nationalities),
            citizenships=tuple(self.citizenships),
            addresses=tuple(self.addresses),
            identifiers=tuple(self.identifiers),
            features=tuple(self.features),
            websites=tuple(self.websites),
            emails=tuple(self.emails),
            digital_currency_addresses=tuple(self.wallets),
            linked_to=tuple(self.linked_to),
            vessel=self.vessel if self.vessel != VesselDetails() else None,
            remarks=tuple(self.remarks),
        )
