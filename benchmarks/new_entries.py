"""New list entries against a million profiles: what one name costs, and a whole day of them.

The profiles are written by COPY, as if each had been screened before, and then kept under their
keys by the code that does it on a desk.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from django.db import connections
from django.utils import timezone

from accounts.actors import LIST_SYNC, PIPELINE
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale, at_most, percentile
from benchmarks.listing_to_cases import LIMIT_SECONDS, NEWLY_LISTED_PROFILES, next_day
from benchmarks.lists import two_days
from benchmarks.synthetic import profile_rows
from platforms.models import Platform
from sanctions import reverse, screening
from sanctions.matching import Index
from sanctions.models import DesignationVersion, ListVersion
from sanctions.sources import source_called
from sanctions.subjects import as_subject
from sanctions.sync import sync

MEDIAN_MS = 50
FILLED = (
    "platforms_profile",
    "platforms_profileversion",
    "sanctions_keptprofile",
    "sanctions_keytext",
)
COPY_PROFILES = """
COPY platforms_profile (platform_id, external_id, handle, display_name, reach, bio, links, country,
    date_of_birth, image_fingerprints, is_verified, version_number, observed_state, is_held,
    next_read_at, first_seen_at) FROM STDIN
"""
UNSTATED: tuple[object, ...] = ("", [], "", "", [], False, 1, "not_read", False)
ADD_VERSIONS = """
INSERT INTO platforms_profileversion (profile_id, number, seen_at, handle, display_name, bio,
    links, country, date_of_birth, image_fingerprints, is_verified, reach, content_hash,
    screened_at)
SELECT id, 1, now(), handle, display_name, bio, links, country, date_of_birth,
    image_fingerprints, false, reach, '', now() FROM platforms_profile
"""


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database(), tempfile.TemporaryDirectory() as folder:
        lists = two_days(Path(folder), scale)
        sync(actor=LIST_SYNC, source=source_called("ofac-sdn"), origins=[str(lists.first)])
        for version in ListVersion.objects.unscreened():
            screening.screen_list_version(actor=PIPELINE, list_version=version)
        say(f"writing {scale.kept:,} profiles")
        _fill(scale.kept, lists.new_people()[:NEWLY_LISTED_PROFILES])
        say(f"keeping {scale.kept:,} profiles under their keys")
        began = time.perf_counter()
        reverse.keep_missing(_whole().vocabulary)
        keeping = time.perf_counter() - began
        _settle()
        say("a day of new entries, to open cases")
        day = next_day(lists)
        say("each new name by itself")
        times = list(_of_each_name(_whole()))
    return [
        at_most(
            "a new name against every profile, median",
            statistics.median(times),
            "ms",
            MEDIAN_MS,
            note=f"{scale.kept:,} profiles, {len(times):,} new entries of {lists.origin}; p95 "
            f"{percentile(times, 0.95):.0f} ms",
        ),
        at_most(
            "list published, to cases open",
            day.seconds,
            "s",
            LIMIT_SECONDS,
            note=f"{scale.kept:,} profiles, {day.opened:,} cases: {day.in_words()}",
        ),
        Figure(
            "profiles kept under their keys",
            scale.kept / keeping,
            "profiles/s",
            "one process; once for each version of a profile",
        ),
    ]


def _whole() -> Index:
    index = screening.current_index()
    assert index is not None
    return index


def _fill(count: int, listed_names: list[str]) -> None:
    platform = Platform.objects.create(
        slug="bench", name="Bench", connector="holdfast_http", base_url="http://localhost:9"
    )
    now = timezone.now()
    with connections["owner"].cursor() as cursor:
        with cursor.copy(COPY_PROFILES) as copy:
            for row in profile_rows(count, listed_names=listed_names):
                shown = (row["id"], row["handle"], row["display_name"], row["followers"])
                copy.write_row((platform.pk, *shown, *UNSTATED, now, now))
        cursor.execute(ADD_VERSIONS)
    _settle()


def _settle() -> None:
    """Do what autovacuum does within minutes of such a load."""
    with connections["owner"].cursor() as cursor:
        for table in FILLED:
            cursor.execute(f"VACUUM ANALYZE {table}")


def _of_each_name(whole: Index) -> Iterator[float]:
    """Milliseconds for one name of each new entry: asked for, read, and compared."""
    newest = ListVersion.objects.accepted().latest("number")
    added = newest.designation_versions.filter(change=DesignationVersion.Change.ADDED)
    for version in added.order_by("pk"):
        subject = as_subject(version)
        began = time.perf_counter()
        list(reverse.search([subject], whole))
        yield (time.perf_counter() - began) * 1000 / len(subject.names)
