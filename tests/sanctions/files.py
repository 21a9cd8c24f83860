"""Lists for tests: our samples, small ones written here, and real ones where they are present."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sanctions" / "samples"
BEFORE = SAMPLES / "ofac_sdn_1_before.xml"
LISTED = SAMPLES / "ofac_sdn_2_kadyrov_listed.xml"
LISTED_CSV = tuple(
    SAMPLES / f"ofac_sdn_2_kadyrov_listed_{part}.CSV" for part in ("SDN", "ALT", "ADD")
)
DELISTED = SAMPLES / "ofac_sdn_3_kadyrov_delisted.xml"
CONSOLIDATED = SAMPLES / "ofac_consolidated.xml"

NEW_NAMESPACE = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"
OLD_NAMESPACE = "http://tempuri.org/sdnList.xsd"

NULL = "-0- "


def real(name: str) -> Path:
    """A real list from beside the checkout. The test is skipped where it is not there."""
    path = ROOT.parent / "shared" / "data" / name
    if not path.exists():
        pytest.skip(f"the real list {name} is not here")
    return path


def sdn_row(uid: int | str, name: str, *, remarks: str = NULL, programs: str = "SDGT") -> str:
    """One line of SDN.CSV, quoted as its publisher does."""
    cells = [str(uid), name, "individual", programs, *[NULL] * 7, remarks]
    quoted = (cell if cell in (NULL, str(uid)) else f'"{cell}"' for cell in cells)
    return ",".join(quoted) + "\r\n"


def sdn_csv(folder: Path, rows: Sequence[str], *, end: str = "\x1a", name: str = "SDN.CSV") -> Path:
    path = folder / name
    path.write_bytes(("".join(rows) + end).encode())
    return path


def sdn_entry(uid: int | str, body: str = "", *, name: str = "EXAMPLE") -> str:
    return (
        f"<sdnEntry><uid>{uid}</uid><lastName>{name}</lastName><sdnType>Entity</sdnType>"
        f"<programList><program>SDGT</program></programList>{body}</sdnEntry>"
    )


def sdn_xml(
    folder: Path,
    *entries: str,
    count: int | None = None,
    namespace: str = NEW_NAMESPACE,
    prolog: str = '<?xml version="1.0" standalone="yes"?>',
    header: str | None = None,
    name: str = "SDN.XML",
) -> Path:
    if header is None:
        header = (
            "<publshInformation><Publish_Date>11/16/2026</Publish_Date>"
            f"<Record_Count>{len(entries) if count is None else count}</Record_Count>"
            "</publshInformation>"
        )
    path = folder / name
    path.write_text(
        f'{prolog}<sdnList xmlns="{namespace}">{header}{"".join(entries)}</sdnList>',
        encoding="utf-8",
    )
    return path


def csv_rows(data: bytes) -> dict[str, tuple[str, ...]]:
    """The rows of an SDN.CSV by uid, read with nothing of ours, for independent counts."""
    text = data.decode().removesuffix("\x1a")
    return {row[0]: tuple(row) for row in csv.reader(io.StringIO(text, newline=""))}
