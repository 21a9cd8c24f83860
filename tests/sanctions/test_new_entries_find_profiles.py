"""A new list entry finds the profiles that would find it, without reading the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actors import PIPELINE
from platforms.models import Profile, ProfileVersion
from sanctions import reverse, screening
from sanctions.matching.reverse import SCHEME
from sanctions.models import KeptProfile, KeyText, ListVersion, Match
from sanctions.subjects import as_screened, as_subject
from tests.cases.builders import make_designation, make_profile

pytestmark = pytest.mark.django_db

LISTED_BEFORE = ("DODIK, Milorad", "SOLEIMANI, Qasem", "IVANOV, Sergei Petrovich", "KIM, Jong Un")
NEW_ENTRIES = (
    "KADYROV, Ramzan Akhmatovich",
    "IVANOV, Sergei Nikolayevich",
    "AL-HASSAN, Ali Muhammad",
    "RI, Yong Won",
    "SAFRANOV, Timur",
)
SHOWN = (
    {"display_name": "Рамзан Кадыров", "handle": "a1"},
    {"display_name": "Ramzan Kadirow", "handle": "a2"},
    {"display_name": "official page", "handle": "RamzanKadyrov95"},
    {"display_name": "nothing", "handle": "ramzankadyrov"},
    {"display_name": "nothing", "handle": "kadyrovramzan"},
    {"display_name": "Kadyrov", "handle": "a3"},
    {"display_name": "Kadyrov", "handle": "a4", "date_of_birth": "1976-10-05"},
    {"display_name": "Sergey Ivanov", "handle": "a5"},
    {"display_name": "Sergej Ivanof", "handle": "sergej.ivanof"},
    {"display_name": "Someone", "bio": "Official page of Ramzan Kadyrov.", "handle": "a6"},
    {"display_name": "Stop Ramzan Kadyrov", "handle": "a7"},
    {"display_name": "علي الحسن", "handle": "a8"},
    {"display_name": "Ali Hassan", "handle": "ali_hassan"},
    {"display_name": "Yongwon Ri", "handle": "a9"},
    {"display_name": "리용원", "handle": "b1"},
    {"display_name": "Timur Safranow", "handle": "b2"},
    {"display_name": "Timur Safranoff", "handle": "timursafranov"},
    {"display_name": "Tmur Safranov", "handle": "b3"},
    {"display_name": "", "handle": "b4"},
    {"display_name": "Ana Lucia Prado", "handle": "ana.prado"},
)


@pytest.fixture(autouse=True)
def _lists_with_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """How rare a name is can only be told among other names."""
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path)
    screening._load_or_build.cache_clear()
    for name in LISTED_BEFORE:
        make_designation(name)
    for list_version in ListVersion.objects.unscreened():
        screening.screen_list_version(actor=PIPELINE, list_version=list_version)
    yield
    screening._load_or_build.cache_clear()


def screened(**fields: object) -> Profile:
    profile = make_profile(**fields)
    date_of_birth = str(fields.get("date_of_birth", ""))
    ProfileVersion.objects.filter(profile=profile).update(date_of_birth=date_of_birth)
    screening.screen_profiles(actor=PIPELINE, profile_ids=[profile.pk])
    return profile


def new_entry(name: str) -> ListVersion:
    version = make_designation(name).current_version
    assert version is not None
    return version.list_version


def pairs() -> set[tuple[int, int]]:
    return set(Match.objects.values_list("profile_version_id", "designation_version_id"))


@pytest.mark.parametrize("name", NEW_ENTRIES)
def test_it_finds_whom_the_other_direction_finds(name: str) -> None:
    for shown in SHOWN:
        screened(**shown)
    before = pairs()
    version = make_designation(name).current_version
    assert version is not None
    whole = screening.current_index()
    assert whole is not None
    expected = {
        (profile_version.pk, version.pk): finding.score
        for profile_version in ProfileVersion.objects.all()
        for finding in whole.search(as_screened(profile_version))
        if finding.key == str(version.pk)
    }

    found = {
        (profile_version.pk, int(finding.key)): finding.score
        for profile_version, finding in reverse.search([as_subject(version)], whole)
    }
    screening.screen_list_version(actor=PIPELINE, list_version=version.list_version)

    assert expected
    assert found == expected
    assert pairs() - before == set(expected)


@pytest.mark.parametrize("handle", ["safranovtimur", "timursafran"])
def test_names_run_together_are_found_though_the_words_are_new_to_the_lists(handle: str) -> None:
    """One that is cut off is found in this direction only: it holds no second listed word."""
    profile = screened(display_name="nothing", handle=handle)

    list_version = new_entry("SAFRANOV, Timur")
    screening.screen_list_version(actor=PIPELINE, list_version=list_version)

    assert Match.objects.get().profile == profile


def test_a_profile_is_found_by_what_it_shows_now() -> None:
    profile = screened(display_name="Ana Lucia Prado")
    ProfileVersion.objects.create(
        profile=profile,
        number=2,
        handle=profile.handle,
        display_name="Ramzan Kadyrov",
        content_hash="2" * 64,
    )
    Profile.objects.filter(pk=profile.pk).update(version_number=2)
    screening.screen_profiles(actor=PIPELINE, profile_ids=[profile.pk])

    for name in ("PRADO, Ana Lucia", "KADYROV, Ramzan"):
        screening.screen_list_version(actor=PIPELINE, list_version=new_entry(name))

    assert KeptProfile.objects.count() == 1
    assert Match.objects.get().profile_version.number == 2


def test_a_profile_that_was_screened_before_it_could_be_kept_is_found_all_the_same() -> None:
    missing = screened(display_name="Ramzan Kadyrov")
    outdated = screened(display_name="Ramzan Kadirov")
    KeptProfile.objects.filter(profile=missing).delete()
    KeptProfile.objects.filter(profile=outdated).update(scheme=0, keys=[])

    list_version = new_entry("KADYROV, Ramzan")
    screening.screen_list_version(actor=PIPELINE, list_version=list_version)

    assert {match.profile for match in Match.objects.all()} == {missing, outdated}
    assert set(KeptProfile.objects.values_list("scheme", flat=True)) == {SCHEME}


def test_a_key_is_in_the_dictionary_once_however_many_profiles_have_it() -> None:
    screened(display_name="Ramzan Kadyrov", handle="one")
    known = KeyText.objects.count()

    screened(display_name="Ramzan Kadyrov", handle="two")

    assert KeyText.objects.count() == known


def test_the_queries_do_not_grow_with_the_profiles() -> None:
    list_version = new_entry("KADYROV, Ramzan Akhmatovich")
    whole = screening.current_index()
    assert whole is not None
    subjects = [as_subject(version) for version in list_version.designation_versions.all()]

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert list(reverse.search(subjects, whole))
        return len(captured)

    screened(display_name="Ramzan Kadyrov")
    few = queries()
    for _ in range(20):
        screened(display_name="Ramzan Kadyrov")
        screened(display_name="Ana Lucia Prado")

    assert queries() == few
