"""The labelled sets beside the repository, when they are there: a floor under the quality."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sanctions.matching import Index, ListedName, ListedSubject, ScreenedProfile

PAIRS = Path(__file__).resolve().parents[4] / "shared/data/labelled/cross_script_person_pairs.jsonl"
NEGATIVES = PAIRS.with_name("negatives_us.csv.gz")


def _pairs() -> Iterator[dict[str, Any]]:
    with PAIRS.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@pytest.mark.skipif(not PAIRS.exists(), reason="../shared/data is not beside the repository")
def test_names_in_another_script_find_their_latin_entry() -> None:
    pairs = list(_pairs())
    index = Index.build(
        ListedSubject(str(number), "person", tuple(map(ListedName, pair["names"])))
        for number, pair in enumerate(pairs)
    )
    found: dict[str, list[bool]] = {}
    for number, pair in enumerate(pairs):
        findings = index.search(ScreenedProfile("", pair["query"]))
        hit = any(finding.key == str(number) for finding in findings)
        found.setdefault(pair["script"], []).append(hit)
    share = {script: sum(hits) / len(hits) for script, hits in found.items()}
    assert share["CYRILLIC"] >= 0.96
    assert share["ARABIC"] >= 0.85

    with gzip.open(NEGATIVES, "rt", encoding="utf-8") as lines:
        names = [line.split(",")[0].strip('"') for line in lines][1:2001]
    alerts = sum(bool(index.search(ScreenedProfile("", name))) for name in names)
    assert alerts / len(names) <= 0.01
