"""`python -m benchmarks` from the outside, in a process of its own, on a database of its own."""

import json
import subprocess
import sys

import pytest

from benchmarks.lists import ROOT


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def measured() -> dict[str, object]:
    done = benchmarks("--quick", "--only", "sync", "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_it_prints_one_object(measured: dict[str, object]) -> None:
    (sync,) = measured["measurements"]  # type: ignore[misc]  # an object from JSON

    assert sync["name"] == "sync"
    assert sync["failure"] == ""
    assert [figure["what"] for figure in sync["figures"]] == [
        "full list, first sync",
        "full list, next day",
        "full list, unchanged",
        "peak memory of the first sync",
    ]


def test_it_measures_what_it_says(measured: dict[str, object]) -> None:
    (sync,) = measured["measurements"]  # type: ignore[misc]  # an object from JSON
    first, next_day, _, memory = sync["figures"]

    assert "2,000 entries" in first["beside"]
    assert next_day["beside"] == "100 added, 8 changed, 0 delisted"
    assert memory["value"] > 0


def test_it_names_its_measurements_when_asked_for_another() -> None:
    refused = benchmarks("--only", "weather")

    assert refused.returncode == 2
    assert "reconcile" in refused.stderr
