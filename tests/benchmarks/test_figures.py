"""A figure, its limit and its verdict."""

import json

import pytest

from benchmarks.figures import Figure, at_least, at_most, percentile


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (at_most("a page", 14.9, "ms", 15), "holds"),
        (at_most("a page", 15.1, "ms", 15), "missed"),
        (at_least("recall", 92.0, "%", 92), "holds"),
        (at_least("recall", 91.9, "%", 92), "missed"),
        (Figure("a rate", 3.0, "rows/s"), ""),
    ],
)
def test_a_limit_gives_a_verdict(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_a_figure_that_could_not_be_had_never_passes_for_a_number() -> None:
    missing = Figure("quality", float("nan"), "%")

    assert missing.shown == "not measured"
    assert json.loads(json.dumps(missing.as_json(), allow_nan=False))["value"] is None


def test_a_measured_nothing_misses_its_limit() -> None:
    assert at_most("a page", float("nan"), "ms", 15).verdict == "missed"


@pytest.mark.parametrize(("share", "expected"), [(0.5, 10), (0.95, 19), (1.0, 20)])
def test_a_percentile_is_one_of_the_times(share: float, expected: int) -> None:
    assert percentile(list(range(1, 21)), share) == expected
