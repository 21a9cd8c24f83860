"""From a published list to open cases: its new entries against every profile on the desk."""

import tempfile
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from accounts.actors import LIST_SYNC, PIPELINE, SEEDER
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale, at_most
from benchmarks.lists import TwoDays, two_days
from benchmarks.synthetic import profile_rows
from cases import pipeline
from cases.models import Case
from platforms.models import Platform
from platforms.profiles import BATCH_LIMIT, upsert_profiles
from sanctions import screening
from sanctions.models import ListVersion
from sanctions.sources import source_called
from sanctions.sync import sync

LIMIT_SECONDS = 300
NEWLY_LISTED_PROFILES = 200


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database(), tempfile.TemporaryDirectory() as folder:
        lists = two_days(Path(folder), scale)
        listed = lists.new_people()[:NEWLY_LISTED_PROFILES]
        say(f"{scale.profiles:,} profiles, screened against {lists.origin}")
        sync(actor=LIST_SYNC, source=source_called("ofac-sdn"), origins=[str(lists.first)])
        _take_in(scale.profiles, listed)
        began = time.perf_counter()
        _sweep_to_the_end()
        first_screening = time.perf_counter() - began
        say("the new entries, to open cases")
        day = next_day(lists)
    return [
        Figure(
            "profiles never seen, to open cases",
            scale.profiles / first_screening,
            "profiles/s",
            f"{scale.profiles:,} profiles, one process, written and audited",
        ),
        at_most(
            "list published, to cases open, few profiles",
            day.seconds,
            "s",
            LIMIT_SECONDS,
            note=f"{scale.profiles:,} profiles, {day.opened:,} cases: {day.in_words()}",
        ),
    ]


@dataclass(frozen=True, slots=True)
class Day:
    """The steps from a list to its cases, in seconds, and how many cases were opened."""

    sync: float
    index: float
    screening: float
    opening: float
    opened: int

    @property
    def seconds(self) -> float:
        return self.sync + self.index + self.screening + self.opening

    def in_words(self) -> str:
        return (
            f"sync {self.sync:.1f} s, index {self.index:.1f} s, screening "
            f"{self.screening:.1f} s, opening {self.opening:.1f} s"
        )


def _take_in(count: int, listed_names: list[str]) -> None:
    platform = Platform.objects.create(
        slug="bench", name="Bench", connector="holdfast_http", base_url="http://localhost:9"
    )
    rows = profile_rows(count, listed_names=listed_names)
    while batch := list(islice(rows, BATCH_LIMIT)):
        result = upsert_profiles(actor=SEEDER, platform=platform, rows=batch)
        assert not result.errors, result.errors[0]


def next_day(lists: TwoDays) -> Day:
    """What beat does with a new list, step by step (`pipeline.sweep`)."""
    before = Case.objects.count()
    began = time.perf_counter()
    sync(actor=LIST_SYNC, source=source_called("ofac-sdn"), origins=[str(lists.second)])
    synced = time.perf_counter()
    screening.current_index()
    indexed = time.perf_counter()
    for version in ListVersion.objects.unscreened():
        screening.screen_list_version(actor=PIPELINE, list_version=version)
    screened = time.perf_counter()
    while pipeline.open_due_cases().total:
        pass
    return Day(
        sync=synced - began,
        index=indexed - synced,
        screening=screened - indexed,
        opening=time.perf_counter() - screened,
        opened=Case.objects.count() - before,
    )


def _sweep_to_the_end() -> None:
    """Sweep as beat does, again and again, until a pass finds nothing left to do."""
    while pipeline.sweep().total or screening.unscreened_profile_ids(limit=1):
        pass
