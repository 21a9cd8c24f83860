"""A full list: the first time, on the next day, and unchanged. The real command, as `desk`."""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.database import child_environment, own_database
from benchmarks.figures import Figure, Say, Scale, at_most
from benchmarks.lists import ROOT, two_days

FIRST_SECONDS, UNCHANGED_SECONDS = 30, 3
SAMPLE = ROOT / "sanctions" / "samples" / "ofac_consolidated.xml"


@dataclass(frozen=True, slots=True)
class Run:
    """What one sync did. Seconds are without the start of Python; memory is all of the process."""

    seconds: float
    peak_megabytes: float
    added: int
    changed: int
    delisted: int
    unchanged: int

    @property
    def entries(self) -> int:
        return self.added + self.changed + self.unchanged


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database(), tempfile.TemporaryDirectory() as folder:
        lists = two_days(Path(folder), scale)
        say(f"a small sample, then {lists.origin}")
        sample = sync_list("ofac-consolidated", SAMPLE)
        first = sync_list("ofac-sdn", lists.first)
        say("the next day")
        second = sync_list("ofac-sdn", lists.second)
        say("the same again")
        unchanged = sync_list("ofac-sdn", lists.second)
    return [
        at_most(
            "full list, first sync",
            first.seconds,
            "s",
            FIRST_SECONDS,
            note=f"{first.entries:,} entries, {lists.origin}",
        ),
        Figure(
            "full list, next day",
            second.seconds,
            "s",
            f"{second.added:,} added, {second.changed:,} changed, {second.delisted:,} delisted",
        ),
        at_most("full list, unchanged", unchanged.seconds, "s", UNCHANGED_SECONDS),
        Figure(
            "peak memory of the first sync",
            first.peak_megabytes,
            "MB",
            f"{sample.peak_megabytes:.0f} MB for a list of {sample.entries} entries",
        ),
    ]


def sync_list(source: str, path: Path) -> Run:
    """Run `manage.py sync_list` to its end, in a process of its own."""
    command = [sys.executable, "manage.py", "sync_list", source, "--from", str(path), "--json"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=child_environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout:
        said = process.stdout.read()
    # The usage of this very child, which subprocess does not hand out.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"sync_list ended with {process.returncode}: {said}")
    result = json.loads(said)
    return Run(
        seconds=result["seconds"],
        peak_megabytes=usage.ru_maxrss / 1024,
        added=result["added"],
        changed=result["changed"],
        delisted=result["delisted"],
        unchanged=result["unchanged"],
    )
