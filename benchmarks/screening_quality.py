"""How well and how fast profiles are screened, on the labelled sets beside the repository.

    python -m benchmarks.screening_quality [--errors N]

Recall is counted twice: any finding, and the labelled entry itself among the findings. The same
person is often on several lists, so the second is lower without anything being missed.
"""

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.lists import DATA
from sanctions.matching import (
    DEFAULT_THRESHOLD,
    Index,
    ListedName,
    ListedSubject,
    ScreenedProfile,
)

MAX_FALSE_ALERTS = 0.005
LOWEST_THRESHOLD = 0.50


def rows(path: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def subject(row: dict[str, Any]) -> ListedSubject:
    properties = row["properties"]
    return ListedSubject(
        key=row["id"],
        kind="person" if row["schema"] == "Person" else "organisation",
        names=(
            *(ListedName(text, role="primary") for text in properties.get("name", ())),
            *(ListedName(text, role="alias") for text in properties.get("alias", ())),
        ),
        dates_of_birth=tuple(properties.get("birthDate", ())),
        countries=tuple(properties.get("country", ())),
        websites=tuple(properties.get("website", ())),
    )


def screened(row: dict[str, Any]) -> ScreenedProfile:
    return ScreenedProfile(
        handle=row["handle"],
        display_name=row["display_name"],
        bio=row["bio"],
        links=tuple(row["links"]),
        country=row["country"],
    )


def threshold_for(scores: list[float], most_alerts: float = MAX_FALSE_ALERTS) -> float:
    """The lowest threshold at which at most this share (0 to 1) of non-listed profiles alert."""
    allowed = int(len(scores) * most_alerts)
    ordered = sorted(scores, reverse=True)
    return max(LOWEST_THRESHOLD, ordered[allowed] + 0.0001 if allowed < len(ordered) else 0.0)


def report_profiles(index: Index, errors: int) -> None:
    labels = {row["id"]: row for row in rows(DATA / "screening" / "labels.jsonl.gz")}
    profiles = {row["id"]: screened(row) for row in rows(DATA / "screening" / "profiles.jsonl.gz")}
    began = time.process_time()
    for profile in profiles.values():
        index.search(profile)
    seconds = time.process_time() - began
    found = {
        key: index.search(profile, threshold=LOWEST_THRESHOLD, limit=10)
        for key, profile in profiles.items()
    }
    best = {key: findings[0].score if findings else 0.0 for key, findings in found.items()}
    listed = [key for key in profiles if labels[key]["designation"]]
    others = [key for key in profiles if not labels[key]["designation"]]
    print(
        f"throughput            {len(profiles) / seconds:8.0f} profiles per CPU second, one process"
    )
    for threshold in (DEFAULT_THRESHOLD, threshold_for([best[key] for key in others])):
        right = [
            any(f.key == labels[key]["designation"] and f.score >= threshold for f in found[key])
            for key in listed
        ]
        opened = sum(best[key] >= threshold for key in listed)
        false = sum(best[key] >= threshold for key in others)
        print(
            f"threshold {threshold:.3f}       recall {opened / len(listed):7.2%} (the entry itself "
            f"{sum(right) / len(listed):7.2%})   false alerts {false / len(others):6.2%}"
        )
    styles: Counter[tuple[str, bool]] = Counter(
        (
            f"{labels[key]['style']}/{labels[key]['name_kind'] or '-'}",
            best[key] >= DEFAULT_THRESHOLD,
        )
        for key in profiles
    )
    for style in sorted({style for style, _ in styles}):
        total = styles[style, True] + styles[style, False]
        print(f"  {style:26} alerts {styles[style, True]:5} of {total:5}")
    for key in [k for k in listed if best[k] < DEFAULT_THRESHOLD][:errors]:
        wanted = labels[key]["designation"]
        names = next(s.subject.names for s in index.subjects if s.subject.key == wanted)
        print("missed", labels[key]["style"], profiles[key], best[key], [n.text for n in names][:8])
    for key in [k for k in others if best[k] >= DEFAULT_THRESHOLD][:errors]:
        shown = [
            (row.listed, row.finding)
            for row in found[key][0].explanation.rows
            if row.field in ("name", "alias")
        ]
        print("false ", best[key], profiles[key].display_name, shown)


def paired_subjects(pairs: list[dict[str, Any]]) -> Iterator[ListedSubject]:
    """The people of the cross-script pairs, by the place of their pair."""
    for number, pair in enumerate(pairs):
        yield ListedSubject(
            key=str(number),
            kind="person",
            names=tuple(ListedName(name) for name in pair["names"]),
        )


def report_cross_script(errors: int) -> None:
    pairs = list(rows(DATA / "labelled" / "cross_script_person_pairs.jsonl"))
    index = Index.build(paired_subjects(pairs))
    outcome: Counter[tuple[str, str]] = Counter()
    for number, pair in enumerate(pairs):
        findings = index.search(ScreenedProfile(handle="", display_name=pair["query"]))
        hit = any(finding.key == str(number) for finding in findings)
        outcome[pair["script"], "hit" if hit else "miss"] += 1
        if not hit and errors and pair["script"] in ("ARABIC", "HANGUL"):
            errors -= 1
            print("missed", pair["query"], pair["names"])
    for script in sorted({script for script, _ in outcome}):
        total = outcome[script, "hit"] + outcome[script, "miss"]
        print(f"cross-script {script:9}  recall {outcome[script, 'hit'] / total:7.2%} of {total}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--errors", type=int, default=0, help="how many errors to print of each")
    arguments = parser.parse_args()
    if not (DATA / "screening").is_dir():
        print("The labelled sets are not here (../shared/data): nothing was measured.")
        return 0
    began = time.process_time()
    index = Index.build(
        subject(row) for row in rows(DATA / "screening" / "designations.ftm.jsonl.gz")
    )
    seconds = time.process_time() - began
    print(f"index                 {len(index.subjects)} entries in {seconds:.1f} CPU seconds")
    report_profiles(index, arguments.errors)
    report_cross_script(arguments.errors)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
