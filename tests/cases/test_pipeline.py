"""From rows in the lower rooms to open cases."""

from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import User
from cases import pipeline
from cases.models import Case, Decision
from platforms.models import Enforcement, Profile
from sanctions.models import Match
from tests.cases.builders import (
    delist,
    make_designation,
    make_profile,
    open_match_case,
    propose,
    suspend,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_list_with_others(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """How rare a name is can only be told among other names."""
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    for name in ("DODIK, Milorad", "SOLEIMANI, Qasem", "IVANOV, Sergei Petrovich"):
        make_designation(name)
    pipeline.sweep()


def kadyrov_account(**fields: object) -> Profile:
    return make_profile(display_name="Рамзан Кадыров", handle="ramzan_kadyrov", **fields)


def test_a_new_listing_opens_a_case_for_a_profile_that_was_there_before() -> None:
    profile = kadyrov_account()
    make_designation()

    opened = pipeline.sweep()

    assert opened.matches == 1
    case = Case.objects.get()
    assert (case.kind, case.state) == (Case.Kind.MATCH, Case.State.OPEN)
    assert case.profiles.get() == profile
    assert case.evidence.count() == 2


def test_a_second_sweep_opens_nothing_more() -> None:
    kadyrov_account()
    make_designation()
    pipeline.sweep()

    assert pipeline.sweep().total == 0
    assert Case.objects.count() == 1
    assert Match.objects.count() == 1


def test_a_new_profile_is_screened_against_what_was_listed_before() -> None:
    make_designation()
    pipeline.sweep()

    kadyrov_account()

    assert pipeline.sweep().matches == 1


def test_a_match_joins_the_case_that_is_open_for_the_profile(moderator: User) -> None:
    profile = kadyrov_account()
    make_designation()
    pipeline.sweep()
    version = Case.objects.get().version

    make_designation("KADYROV, Ramzan")
    pipeline.sweep()

    case = Case.objects.get()
    assert case.matches.count() == 2
    assert case.version > version
    assert case.profiles.get() == profile


def test_a_cleared_pair_stays_cleared(moderator: User) -> None:
    kadyrov_account()
    make_designation()
    pipeline.sweep()
    propose(moderator, Case.objects.get(), Decision.Outcome.NO_ACTION, policy=None)

    assert pipeline.sweep().total == 0
    assert Case.objects.get().state == Case.State.CLOSED


def test_a_delisting_opens_a_case_and_restores_nothing(moderator: User) -> None:
    designation = make_designation()
    profile = make_profile()
    suspend(moderator, open_match_case(profile, designation))
    delist(designation)

    opened = pipeline.sweep()

    assert opened.delistings == 1
    case = Case.objects.get(kind=Case.Kind.DELISTING)
    assert case.profiles.get() == profile
    assert profile.holds.standing().count() == 1
    assert not Enforcement.objects.filter(action="restore").exists()
    assert pipeline.sweep().total == 0
