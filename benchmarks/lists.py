"""Two days of a full list: the real ones where they are, generated ones of the same size if not."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import synthetic
from benchmarks.figures import FULL, Scale

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
REAL_DAYS = ("sdn_2024-02-20.csv.gz", "sdn_2024-02-23.csv.gz")
CHANGED = 8


@dataclass(frozen=True, slots=True)
class TwoDays:
    """A list on one day and on a later one, and in words where they are from."""

    first: Path
    second: Path
    origin: str

    def new_people(self) -> list[str]:
        """The names of people on the second day who were not on the first, as profiles show."""
        before = {uid for uid, _ in synthetic.people_listed(_lines(self.first))}
        return [
            name for uid, name in synthetic.people_listed(_lines(self.second)) if uid not in before
        ]


def real_lists_are_here() -> bool:
    """Tell whether the two real days lie beside the checkout."""
    return all((DATA / "ofac" / name).is_file() for name in REAL_DAYS)


def two_days(folder: Path, scale: Scale) -> TwoDays:
    """The real days at full scale where they are here. Otherwise both are written to `folder`."""
    is_full = (scale.entries, scale.new_entries) == (FULL.entries, FULL.new_entries)
    if is_full and real_lists_are_here():
        first, second = (DATA / "ofac" / name for name in REAL_DAYS)
        return TwoDays(first, second, "real SDN.CSV of 20 and 23 February 2024")
    entries = synthetic.sdn_entries(scale.entries)
    later = synthetic.next_day(entries, added=scale.new_entries, changed=CHANGED)
    return TwoDays(
        synthetic.write_sdn_csv(folder / "first.csv", entries),
        synthetic.write_sdn_csv(folder / "second.csv", later),
        f"generated SDN.CSV of {scale.entries:,} entries",
    )


def _lines(path: Path) -> Iterator[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as lines:
        yield from lines
