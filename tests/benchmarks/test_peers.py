"""The baseline is a fair one: it finds what a plain pipeline finds."""

import pytest

from benchmarks.peers import PlainRapidfuzz
from sanctions.matching import ListedName, ListedSubject, ScreenedProfile


@pytest.fixture(scope="module")
def baseline() -> PlainRapidfuzz:
    names = ["KADYROV, Ramzan Akhmatovich", "DODIK, Milorad", "SOLEIMANI, Qasem"]
    return PlainRapidfuzz.build(
        ListedSubject(key=str(n), kind="person", names=(ListedName(name),))
        for n, name in enumerate(names)
    )


@pytest.mark.parametrize("name", ["Milorad Dodik", "DODIK Milorad", "Qasem Soleimani"])
def test_it_finds_a_name_in_another_order(baseline: PlainRapidfuzz, name: str) -> None:
    found = baseline.best_score(ScreenedProfile(handle="", display_name=name))

    assert found >= baseline.threshold


@pytest.mark.parametrize("name", ["", "Jane Smith", "Рамзан Кадыров"])
def test_it_finds_nothing_without_a_word_in_common(baseline: PlainRapidfuzz, name: str) -> None:
    assert baseline.best_score(ScreenedProfile(handle="", display_name=name)) == 0
