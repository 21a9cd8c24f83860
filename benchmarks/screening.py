"""Screening beside its peers: how fast, and on the labelled set how well.

The labelled set lies beside the checkout. Without it the speed is measured on invented names, and
the quality is not measured. Times are CPU seconds of one process, so that other work on the
machine falls on nobody's figure.
"""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import screening_quality as labelled
from benchmarks import synthetic
from benchmarks.figures import Figure, Say, Scale, at_least, at_most
from benchmarks.peers import Nomenklatura, Peer, PlainRapidfuzz
from sanctions.matching import Index, ListedName, ListedSubject, ScreenedProfile

RECALL, FALSE_ALERTS = 92.0, 0.5
ARABIC_RECALL, ARABIC_FALSE_ALERTS = 90.0, 1.0
PEER_RATIO = 4.0
ENTRIES = 34_000
LISTED_SHARE = 4
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Ground:
    """What is screened, against what. `is_listed` is empty where nobody labelled it."""

    subjects: list[ListedSubject]
    profiles: list[ScreenedProfile]
    is_listed: list[bool]
    origin: str


def measure(scale: Scale, say: Say) -> list[Figure]:
    ground = _labelled(scale) if _is_here() else _invented(scale)
    say(f"an index of {len(ground.subjects):,} entries ({ground.origin})")
    began = time.process_time()
    index = Index.build(ground.subjects)
    figures = [
        Figure(
            "index built",
            time.process_time() - began,
            "CPU s",
            f"{len(ground.subjects):,} entries, {ground.origin}",
        )
    ]
    peers: list[Peer] = [PlainRapidfuzz.build(ground.subjects)]
    if Nomenklatura.is_installed():
        peers.append(Nomenklatura(ground.subjects))
    # As in a worker, which keeps an index from the collector. It helps ours and the peers alike.
    gc.collect()
    gc.freeze()
    say(f"{len(ground.profiles):,} profiles through ours and {len(peers)} of others")
    figures += _throughput(index, peers, ground.profiles)
    if not ground.is_listed:
        return [
            *figures,
            Figure("screening quality", float("nan"), "", "not measured: no labelled set here"),
        ]
    say("quality on the labelled set")
    figures += _quality(index, peers, ground)
    figures.append(_arabic(ground))
    return figures


def _is_here() -> bool:
    return (labelled.DATA / "screening").is_dir()


def _labelled(scale: Scale) -> Ground:
    folder = labelled.DATA / "screening"
    labels = {row["id"]: row["designation"] for row in labelled.rows(folder / "labels.jsonl.gz")}
    rows = list(labelled.rows(folder / "profiles.jsonl.gz"))[: scale.screened]
    return Ground(
        subjects=[
            labelled.subject(row) for row in labelled.rows(folder / "designations.ftm.jsonl.gz")
        ],
        profiles=[labelled.screened(row) for row in rows],
        is_listed=[labels[row["id"]] is not None for row in rows],
        origin="the labelled set",
    )


def _invented(scale: Scale) -> Ground:
    entries = synthetic.sdn_entries(ENTRIES)
    names = [_as_shown(entry) for entry in entries if entry.is_person]
    rows = synthetic.profile_rows(
        scale.screened, listed_names=names[: scale.screened // LISTED_SHARE]
    )
    return Ground(
        subjects=[
            ListedSubject(
                key=str(entry.uid),
                kind="person" if entry.is_person else "organisation",
                names=(ListedName(entry.name),),
            )
            for entry in entries
        ],
        profiles=[
            ScreenedProfile(handle=row["handle"], display_name=row["display_name"]) for row in rows
        ],
        is_listed=[],
        origin="invented names",
    )


def _as_shown(entry: synthetic.Entry) -> str:
    family, _, given = entry.name.partition(", ")
    return f"{given} {family.title()}"


def _throughput(
    index: Index, peers: Sequence[Peer], profiles: Sequence[ScreenedProfile]
) -> list[Figure]:
    """Profiles a CPU second. Ours and the peers take turns, so that a slow minute is shared."""
    ways: dict[str, Callable[[ScreenedProfile], object]] = {"ours": index.search}
    ways |= {peer.name: peer.best_score for peer in peers}
    spent = dict.fromkeys(ways, 0.0)
    for start in range(ROUNDS):
        for name, search in ways.items():
            began = time.process_time()
            for profile in profiles[start::ROUNDS]:
                search(profile)
            spent[name] += time.process_time() - began
    rates = {name: len(profiles) / seconds for name, seconds in spent.items()}
    ours = rates.pop("ours")
    figures = [
        Figure(
            "screening, one process",
            ours,
            "profiles/CPU s",
            "; ".join(f"{name}: {rate:,.0f}" for name, rate in rates.items()),
        )
    ]
    if Nomenklatura.name in rates:
        ratio = ours / rates[Nomenklatura.name]
        figures.append(at_least(f"beside {Nomenklatura.name}", ratio, "x", PEER_RATIO))
    else:
        figures.append(
            Figure(
                f"beside {Nomenklatura.name}",
                float("nan"),
                "",
                "not installed: libicu-dev, g++, then pip install nomenklatura",
            )
        )
    return figures


def _quality(index: Index, peers: Sequence[Peer], ground: Ground) -> list[Figure]:
    ours = [_best(index, profile) for profile in ground.profiles]
    # Searched again: a lower threshold looks at more, and so finds a little more above it too.
    served = [bool(index.search(profile, limit=1)) for profile in ground.profiles]
    others = [not listed for listed in ground.is_listed]
    beside = []
    for peer in peers:
        theirs = [peer.best_score(profile) for profile in ground.profiles]
        alerts = [score >= peer.threshold for score in theirs]
        beside.append(
            f"{peer.name}: {_share(alerts, ground.is_listed):.0f} % "
            f"at {_share(alerts, others):.1f} %"
        )
    false_alerts = _share(served, others)
    return [
        at_least(
            f"recall at {FALSE_ALERTS} % false alerts",
            _recall(ours, ground.is_listed),
            "%",
            RECALL,
            note="; ".join(beside),
        ),
        Figure("recall at the threshold in use", _share(served, ground.is_listed), "%"),
        at_most("false alerts at the threshold in use", false_alerts, "%", FALSE_ALERTS),
    ]


def _best(index: Index, profile: ScreenedProfile) -> float:
    findings = index.search(profile, threshold=labelled.LOWEST_THRESHOLD, limit=1)
    return findings[0].score if findings else 0.0


def _recall(
    scores: Sequence[float], is_listed: Sequence[bool], *, false_alerts: float = FALSE_ALERTS
) -> float:
    """Percent of the listed that reach the threshold at which so many of the others alert."""
    others = [score for score, listed in zip(scores, is_listed, strict=True) if not listed]
    threshold = labelled.threshold_for(others, false_alerts / 100)
    return _share([score >= threshold for score in scores], is_listed)


def _share(alerts: Sequence[bool], among: Sequence[bool]) -> float:
    """Percent of those `among` that alert."""
    return 100 * sum(a and b for a, b in zip(alerts, among, strict=True)) / sum(among)


def _arabic(ground: Ground) -> Figure:
    """Names in Arabic script against the Latin names of the same people."""
    pairs = list(labelled.rows(labelled.DATA / "labelled" / "cross_script_person_pairs.jsonl"))
    index = Index.build(labelled.paired_subjects(pairs))
    queries = [pair["query"] for pair in pairs if pair["script"] == "ARABIC"]
    others = [p for p, listed in zip(ground.profiles, ground.is_listed, strict=True) if not listed]
    screened = [ScreenedProfile(handle="", display_name=query) for query in queries] + others
    recall = _recall(
        [_best(index, profile) for profile in screened],
        [place < len(queries) for place in range(len(screened))],
        false_alerts=ARABIC_FALSE_ALERTS,
    )
    return at_least(
        f"names in Arabic script, recall at {ARABIC_FALSE_ALERTS:g} % false alerts",
        recall,
        "%",
        ARABIC_RECALL,
        note=f"{len(queries)} names",
    )
