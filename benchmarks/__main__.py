"""Run each measurement in turn and print one table: `python -m benchmarks --help`."""

import argparse
import importlib
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import django
from rich.console import Console
from rich.table import Table

from benchmarks.figures import FULL, QUICK, Figure, Say, Scale
from config.services import ensure_services

# The modules import models, so they are imported when Django is ready.
MEASUREMENTS = {
    "sync": "benchmarks.list_sync",
    "screening": "benchmarks.screening",
    "pipeline": "benchmarks.listing_to_cases",
    "reverse": "benchmarks.new_entries",
    "queue": "benchmarks.queue_pages",
    "claim": "benchmarks.next_case",
    "access": "benchmarks.access",
    "audit": "benchmarks.audit_writers",
    "reconcile": "benchmarks.reconciler",
    "intake": "benchmarks.intake",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one measurement found, or why it could not be made."""

    name: str
    figures: list[Figure]
    seconds: float
    failure: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0, or 1 when a measurement could not be made. A missed limit is a figure."""
    options = _options(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="holdfast-benchmarks-") as media:
        os.environ["HOLDFAST_MEDIA_ROOT"] = media
        with console.status("Starting PostgreSQL and Redis"):
            ensure_services()
            django.setup()
        outcomes = [_run(name, options.scale, console) for name in options.names]
    if options.json:
        print(json.dumps(_as_json(outcomes, options.scale), ensure_ascii=False))
    else:
        _print_table(outcomes)
    return 1 if any(outcome.failure for outcome in outcomes) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=list(MEASUREMENTS),
        metavar="NAME",
        help=f"one of {', '.join(MEASUREMENTS)}; may be given again",
    )
    parser.add_argument("--quick", action="store_true", help="small: to see that all of it runs")
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument("--profiles", type=int, help="profiles that a new list is held against")
    parser.add_argument("--kept", type=int, help="profiles that new names are looked up among")
    parser.add_argument("--cases", type=int, help="open cases in the queue")
    parser.add_argument("--held", type=int, help="held profiles that are read back")
    parser.add_argument("--reports", type=int, help="reports whose keys move to a new epoch")
    options = parser.parse_args(arguments)
    sizes = {
        name: getattr(options, name)
        for name in ("profiles", "kept", "cases", "held", "reports")
        if getattr(options, name) is not None
    }
    options.scale = replace(QUICK if options.quick else FULL, **sizes)
    options.names = options.only or list(MEASUREMENTS)
    return options


def _run(name: str, scale: Scale, console: Console) -> Outcome:
    began = time.perf_counter()
    with console.status(name) as status:

        def say(what: str) -> None:
            status.update(f"{name}: {what}")

        measure: Callable[[Scale, Say], list[Figure]]
        measure = importlib.import_module(MEASUREMENTS[name]).measure
        try:
            figures, failure = measure(scale, say), ""
        except Exception as error:
            # One measurement that cannot be made must not take the others with it.
            console.print_exception()
            figures, failure = [], f"{type(error).__name__}: {error}"
    seconds = time.perf_counter() - began
    console.print(f"{name}: {failure or 'measured'}, {seconds:.0f} s")
    return Outcome(name, figures, seconds, failure)


def _machine() -> dict[str, object]:
    load, _, _ = os.getloadavg()
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "load": round(load, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _as_json(outcomes: Sequence[Outcome], scale: Scale) -> dict[str, object]:
    return {
        **_machine(),
        "scale": {name: getattr(scale, name) for name in scale.__slots__},
        "measurements": [
            {
                "name": outcome.name,
                "seconds": round(outcome.seconds, 1),
                "failure": outcome.failure,
                "figures": [figure.as_json() for figure in outcome.figures],
            }
            for outcome in outcomes
        ],
    }


def _print_table(outcomes: Sequence[Outcome]) -> None:
    machine = ", ".join(f"{name} {value}" for name, value in _machine().items())
    table = Table(caption=machine, caption_justify="left")
    table.add_column("What")
    table.add_column("Figure", justify="right")
    table.add_column("Limit, or a peer in this run")
    table.add_column("Verdict")
    for outcome in outcomes:
        table.add_section()
        if outcome.failure:
            table.add_row(outcome.name, "", outcome.failure, "[red]not measured")
        for figure in outcome.figures:
            colour = "red" if figure.holds is False else "green"
            verdict = f"[{colour}]{figure.verdict}" if figure.verdict else ""
            table.add_row(figure.what, figure.shown, figure.beside, verdict)
    # Not cut to a narrow window: the table is also redirected to files.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    sys.exit(main())
