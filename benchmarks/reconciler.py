"""How many held profiles a second are read back, by batch size, from a platform that is real.

The sandbox runs in a process of its own. Beside each figure stands the same reading without the
desk: what the platform and the wire cost by themselves.
"""

import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from django.db import connections
from django.utils import timezone

from accounts.actors import RECONCILER, SEEDER
from accounts.models import User
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale
from benchmarks.lists import ROOT
from benchmarks.synthetic import profile_rows
from platforms.connectors.registry import open_connector
from platforms.models import Platform, Profile
from platforms.profiles import upsert_profiles
from platforms.reconcile import reconcile_due

BATCH_SIZES = (1, 20, 100, 500)
# One account a call is slow. So many of them are enough to see how slow.
MOST_CALLS = 250
ROWS_AT_ONCE = 500
TOKEN_ENV = "HOLDFAST_BENCHMARK_SANDBOX_TOKEN"  # noqa: S105  the name of a variable

# The guards would ask for a decision behind each hold.
HOLD_EVERYTHING = """
ALTER TABLE platforms_hold DISABLE TRIGGER USER;
INSERT INTO platforms_hold (profile_id, kind, source, entry_key, title, detail, effect,
    territory, placed_at, placed_by_id)
SELECT id, 'designation', 'bench', id::text, 'Designation, bench ' || id, '', 'suspend', '',
    now(), (SELECT min(id) FROM accounts_user) FROM platforms_profile;
ALTER TABLE platforms_hold ENABLE TRIGGER USER;
UPDATE platforms_profile SET is_held = true;
"""


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database(), sandbox() as address:
        platform = Platform.objects.create(
            slug="bench",
            name="Bench",
            connector="holdfast_http",
            base_url=address,
            token_reference=f"env:{TOKEN_ENV}",
        )
        say(f"{scale.held:,} held profiles")
        _hold(platform, scale.held)
        figures = [_rate(platform, size, scale.held, say) for size in BATCH_SIZES]
        say("half of them, to see that it is linear")
        largest = BATCH_SIZES[-1]
        half, whole = (_read_back(platform, largest, n) for n in (scale.held // 2, scale.held))
    return [
        *figures,
        Figure(
            "time for twice the held profiles",
            whole / half,
            "x",
            f"{scale.held // 2:,} and {scale.held:,} profiles; linear is 2",
        ),
    ]


@contextmanager
def sandbox() -> Iterator[str]:
    """Run the sandbox platform in a process of its own, and yield its address."""
    os.environ[TOKEN_ENV] = secrets.token_urlsafe()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "platforms.sandbox", "--port", "0"),
                *("--database", str(Path(folder) / "sandbox.sqlite3")),
                *("--token-env", TOKEN_ENV, "--operator-token-env", TOKEN_ENV),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            with process.stdout:
                found = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
                if found is None:
                    raise RuntimeError("The sandbox platform did not start.")
                yield found[0]
        finally:
            process.terminate()
            process.wait(timeout=30)


def _hold(platform: Platform, count: int) -> None:
    """Accounts that are down on the platform because of a hold each."""
    rows: list[dict[str, Any]] = list(profile_rows(count))
    with _operator(platform) as operator:
        for start in range(0, count, ROWS_AT_ONCE):
            batch = rows[start : start + ROWS_AT_ONCE]
            accounts = [row | {"state": "suspended"} for row in batch]
            operator.post("/operator/accounts", json={"accounts": accounts}).raise_for_status()
            upsert_profiles(actor=SEEDER, platform=platform, rows=batch)
    User.objects.create_user(email="holder@desk.example", name="Holder")
    with connections["owner"].cursor() as cursor:
        for statement in HOLD_EVERYTHING.strip().split(";\n"):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def _operator(platform: Platform) -> httpx.Client:
    return httpx.Client(
        base_url=platform.base_url,
        headers={"Authorization": f"Bearer {os.environ[TOKEN_ENV]}"},
        timeout=60,
        trust_env=False,
    )


def _rate(platform: Platform, size: int, held: int, say: Say) -> Figure:
    count = min(held, size * MOST_CALLS)
    say(f"{count:,} profiles, {size} a call")
    seconds = _read_back(platform, size, count)
    alone = _read_alone(platform, size, count)
    return Figure(
        f"held profiles read back, {size} a call",
        count / seconds,
        "profiles/s",
        f"{count / alone:,.0f} without the desk ({count:,} profiles)",
    )


def _read_back(platform: Platform, size: int, count: int) -> float:
    """Make so many profiles due, reconcile them, and return the seconds it took."""
    platform.capabilities = {"batch_read_limit": size}
    platform.save(update_fields=["capabilities"])
    due = Profile.objects.order_by("pk").values("pk")[:count]
    Profile.objects.update(next_read_at=timezone.now() + timedelta(days=1))
    Profile.objects.filter(pk__in=due).update(next_read_at=timezone.now())
    began = time.perf_counter()
    report = reconcile_due(actor=RECONCILER, platform=platform)
    seconds = time.perf_counter() - began
    assert (report.read, report.problem) == (count, ""), report
    return seconds


def _read_alone(platform: Platform, size: int, count: int) -> float:
    ids: Sequence[str] = list(
        Profile.objects.order_by("pk").values_list("external_id", flat=True)[:count]
    )
    began = time.perf_counter()
    with open_connector(
        platform.connector, base_url=platform.base_url, token_reference=platform.token_reference
    ) as connector:
        for start in range(0, count, size):
            connector.read_many(external_ids=ids[start : start + size])
    return time.perf_counter() - began
