from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.actors import PROFILE_PULL
from accounts.models import AuditEvent
from platforms.models import Platform, Profile, ProfileVersion
from platforms.profiles import (
    BATCH_LIMIT,
    BatchTooLarge,
    RowRefused,
    UpsertResult,
    read_row,
    upsert_profiles,
)
from tests.cases.builders import make_platform

KADYROV = {
    "id": "10001",
    "handle": "kadyrov_95",
    "display_name": "Рамзан Кадыров",
    "bio": "Родился 5 октября 1976 года.",
    "links": ["https://kadyrov.example/"],
    "country": "RU",
    "date_of_birth": "1976-10-05",
    "image_fingerprints": ["c3d1a0f09e3b7788"],
    "verified": True,
    "followers": 3_200_000,
    "created_at": "2014-03-09T10:00:00Z",
}


@pytest.fixture
def somewhere(db: None) -> Platform:
    return make_platform()


def upsert(platform: Platform, *rows: Any) -> UpsertResult:
    return upsert_profiles(actor=PROFILE_PULL, platform=platform, rows=rows)


def test_a_new_account_becomes_a_profile_with_its_first_version(somewhere: Platform) -> None:
    result = upsert(somewhere, KADYROV)
    profile = Profile.objects.get()
    assert (result.created, result.changed, result.unchanged, result.errors) == (1, 0, 0, [])
    assert result.profile_ids == [profile.pk]
    assert (profile.display_name, profile.reach) == ("Рамзан Кадыров", 3_200_000)
    assert profile.account_created_at is not None
    version = profile.versions.get()
    assert (version.number, version.handle, version.reach) == (1, "kadyrov_95", 3_200_000)
    assert profile.observed_state == "not_read"


def test_the_same_row_again_writes_nothing(somewhere: Platform) -> None:
    upsert(somewhere, KADYROV)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        result = upsert(somewhere, KADYROV)
    assert (result.created, result.changed, result.unchanged) == (0, 0, 1)
    assert result.profile_ids == []
    assert ProfileVersion.objects.count() == 1
    assert not [q for q in queries if "DO UPDATE" in q["sql"]]


def test_each_change_is_a_version_of_its_own(somewhere: Platform) -> None:
    upsert(somewhere, KADYROV)
    upsert(somewhere, KADYROV | {"display_name": "Рамзан Ахматович"})
    upsert(somewhere, KADYROV)
    names = Profile.objects.get().versions.order_by("number").values_list("display_name", flat=True)
    assert list(names) == ["Рамзан Кадыров", "Рамзан Ахматович", "Рамзан Кадыров"]
    hashes = list(ProfileVersion.objects.order_by("number").values_list("content_hash", flat=True))
    assert hashes[0] == hashes[2] != hashes[1]


def test_reach_alone_is_kept_and_makes_no_version(somewhere: Platform) -> None:
    upsert(somewhere, KADYROV)
    result = upsert(somewhere, KADYROV | {"followers": 3_300_000})
    assert result.unchanged == 1
    assert Profile.objects.get().reach == 3_300_000
    assert ProfileVersion.objects.count() == 1


def test_a_field_left_out_stays_as_it_was(somewhere: Platform) -> None:
    upsert(somewhere, KADYROV)
    upsert(somewhere, {"id": "10001", "bio": "Новое."})
    profile = Profile.objects.get()
    assert (profile.bio, profile.reach, profile.is_verified) == ("Новое.", 3_200_000, True)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("text", "row"),
        ({"handle": "a"}, "id"),
        ({"id": 7, "handle": "a"}, "id"),
        ({"id": "", "handle": "a"}, "id"),
        ({"id": "x" * 256, "handle": "a"}, "id"),
        ({"id": "a\x00b", "handle": "a"}, "id"),
        ({"id": "1"}, "handle"),
        ({"id": "1", "handle": ""}, "handle"),
        ({"id": "1", "handle": "a", "bio": None}, "bio"),
        ({"id": "1", "handle": "a", "bio": "x" * 20_001}, "bio"),
        ({"id": "1", "handle": "a", "bio": "zero \x00 byte"}, "bio"),
        ({"id": "1", "handle": "a", "bio": "half \ud83d pair"}, "bio"),
        ({"id": "1", "handle": "a", "links": "https://a.example"}, "links"),
        ({"id": "1", "handle": "a", "links": [1]}, "links"),
        ({"id": "1", "handle": "a", "followers": -1}, "followers"),
        ({"id": "1", "handle": "a", "followers": 2**63}, "followers"),
        ({"id": "1", "handle": "a", "followers": True}, "followers"),
        ({"id": "1", "handle": "a", "followers": 1.5}, "followers"),
        ({"id": "1", "handle": "a", "verified": "yes"}, "verified"),
        ({"id": "1", "handle": "a", "created_at": "2014-03-09T10:00:00"}, "created_at"),
        ({"id": "1", "handle": "a", "created_at": "2014-99-09T10:00:00Z"}, "created_at"),
        ({"id": "10001", "handle": "twice"}, "id"),
    ],
)
def test_a_bad_row_is_reported_and_the_others_are_taken(
    somewhere: Platform, row: Any, named: str
) -> None:
    result = upsert(somewhere, KADYROV, row, KADYROV | {"id": "10002", "handle": "next"})
    assert result.created == 2
    assert [error.index for error in result.errors] == [1]
    assert named in result.errors[0].message
    assert set(Profile.objects.values_list("external_id", flat=True)) == {"10001", "10002"}


def test_the_same_id_on_another_platform_is_another_profile(somewhere: Platform) -> None:
    upsert(somewhere, KADYROV)
    upsert(make_platform(), KADYROV)
    assert Profile.objects.filter(external_id="10001").count() == 2


def test_a_batch_has_a_limit(somewhere: Platform) -> None:
    with pytest.raises(BatchTooLarge, match="1001"):
        upsert(somewhere, *[KADYROV] * (BATCH_LIMIT + 1))


def test_the_number_of_queries_does_not_grow_with_the_rows(somewhere: Platform) -> None:
    def queries_for(rows: list[dict[str, Any]]) -> int:
        with CaptureQueriesContext(connection) as queries:
            upsert(somewhere, *rows)
        return len(queries)

    few = [KADYROV | {"id": f"a{n}", "handle": f"a{n}"} for n in range(2)]
    many = [KADYROV | {"id": f"b{n}", "handle": f"b{n}"} for n in range(300)]
    assert queries_for(few) == queries_for(many)
    changed = [row | {"bio": "changed"} for row in many]
    assert queries_for([row | {"bio": "changed"} for row in few]) == queries_for(changed)


def test_a_batch_leaves_one_event_that_holds_no_content(somewhere: Platform) -> None:
    upsert(somewhere, KADYROV)
    event = AuditEvent.objects.get(verb="profiles.recorded")
    assert (event.object_type, event.actor_service) == ("platform", "profile pull")
    assert event.changes["created"] == 1
    assert "Кадыров" not in str(event.changes)


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_batches_of_the_same_accounts_at_once_make_each_profile_once() -> None:
    platform = make_platform()
    rows = [KADYROV | {"id": f"{n:03}", "handle": f"h{n:03}"} for n in range(200)]
    results: list[UpsertResult] = []

    def run(mine: list[dict[str, Any]]) -> None:
        try:
            results.append(upsert(platform, *mine))
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=[order])
        for order in (rows, rows[::-1], rows[100:] + rows[:100])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.created for result in results) == 200
    assert sum(result.unchanged for result in results) == 400
    assert ProfileVersion.objects.count() == 200


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from([*KADYROV, "note"]), JSON)
    | JSON
    | st.fixed_dictionaries({"id": st.text(min_size=1), "links": st.lists(st.text())})
)
def test_what_is_taken_from_any_json_can_be_stored(row: Any) -> None:
    try:
        sighting = read_row(row)
    except RowRefused:
        return
    for value in [sighting.external_id, *sighting.fields.values()]:
        for text in value if isinstance(value, list) else [value]:
            assert b"\0" not in str(text).encode()
