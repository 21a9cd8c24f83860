"""What each view and filter of the queue lets through, and who may see which case at all."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from cases import queue
from cases.models import Case, CaseProfile, CaseUserAccess, Recusal
from tests.cases.builders import (
    held_profile,
    make_designation,
    make_platform,
    make_profile,
    open_match_case,
    suspend,
)
from tests.cases.queue_cases import add_cases
from tests.conftest import person

pytestmark = pytest.mark.django_db


def shown(user: User, query: str = "") -> set[Case]:
    filters = queue.Filters.from_query(QueryDict(query))
    return set(queue.select(user=user, filters=filters))


def test_kinds_states_and_reach_narrow_the_queue(moderator: User) -> None:
    match = add_cases(1)[0]
    network = add_cases(1, kind=Case.Kind.NETWORK, reach=200_000)[0]
    waiting = add_cases(1, state=Case.State.WAITING, reach=2_000_000)[0]

    assert shown(moderator) == {match, network, waiting}
    assert shown(moderator, "kind=network") == {network}
    assert shown(moderator, "state=waiting") == {waiting}
    assert shown(moderator, "reach=100000") == {network, waiting}
    assert shown(moderator, "kind=network&kind=match&reach=1000000") == {waiting}


def test_a_decided_case_is_in_no_queue(moderator: User) -> None:
    add_cases(1, state=Case.State.CLOSED, closed_at=timezone.now())

    assert shown(moderator) == set()
    assert shown(moderator, "state=closed") == set()


def test_platform_and_holds_narrow_by_the_profiles(moderator: User) -> None:
    relay = make_platform(slug="relay")
    bare = open_match_case(make_profile(relay))
    held = held_profile(moderator)
    about_held = open_match_case(held, make_designation("OTHER, Name"))

    assert shown(moderator, "platform=relay") == {bare}
    assert shown(moderator, "holds=some") == {about_held}
    assert shown(moderator, "holds=none") == {bare}
    assert shown(moderator, "holds=none&holds=some") == {bare, about_held}


def test_leases_are_free_mine_or_somebody_elses(moderator: User, other_moderator: User) -> None:
    soon, past = timezone.now() + timedelta(minutes=5), timezone.now() - timedelta(minutes=5)
    free = add_cases(1)[0]
    run_out = add_cases(1, lease_holder=moderator, lease_ends_at=past)[0]
    mine = add_cases(1, lease_holder=moderator, lease_ends_at=soon)[0]
    theirs = add_cases(1, lease_holder=other_moderator, lease_ends_at=soon)[0]

    assert shown(moderator, "lease=free") == {free, run_out}
    assert shown(moderator, "lease=mine") == {mine}
    assert shown(moderator, "lease=others") == {theirs}
    assert shown(moderator, "lease=mine&lease=free") == {free, run_out, mine}


def test_mine_is_what_i_hold_or_was_given(moderator: User, other_moderator: User) -> None:
    assigned = add_cases(1, assignee=moderator)[0]
    held = add_cases(
        1, lease_holder=moderator, lease_ends_at=timezone.now() + timedelta(minutes=5)
    )[0]
    add_cases(1, assignee=other_moderator)

    assert shown(moderator, "view=mine") == {assigned, held}


def test_the_second_reviewers_view_has_only_what_was_proposed(moderator: User) -> None:
    case = open_match_case(make_profile(reach=5_000_000))
    add_cases(1)
    suspend(moderator, case)

    assert shown(moderator, "view=second") == {case}


def test_find_takes_a_number_a_handle_or_a_listed_name(moderator: User) -> None:
    kadyrov = open_match_case(make_profile(handle="Akhmat_Sila"), make_designation())
    open_match_case(make_profile(handle="somebody"), make_designation("DODIK, Milorad"))

    assert shown(moderator, f"find=HF-{kadyrov.pk}") == {kadyrov}
    assert shown(moderator, f"find=hf-{kadyrov.pk}") == {kadyrov}
    assert shown(moderator, f"find={kadyrov.pk}") == {kadyrov}
    assert shown(moderator, "find=%40akhmat_s") == {kadyrov}
    assert shown(moderator, "find=ramzan+kadyrov") == {kadyrov}
    assert shown(moderator, "find=kadyrov+milorad") == set()
    assert shown(moderator, "find=99999999999999999999999") == set()


def test_an_address_says_the_filters_and_is_read_back_the_same(moderator: User) -> None:
    query = "view=mine&order=reach&kind=match&kind=network&platform=relay&holds=some&lease=free"
    filters = queue.Filters.from_query(QueryDict(f"{query}&reach=100000&find=a%26b"))

    assert queue.Filters.from_query(QueryDict(filters.to_query())) == filters
    assert filters.find == "a&b"
    assert queue.Filters.from_query(QueryDict("view=x&order=y&kind=z&reach=7")) == queue.Filters()


def test_a_case_with_several_profiles_is_shown_once(moderator: User) -> None:
    case = open_match_case()
    platform = case.profiles.get().platform
    for _ in range(3):
        CaseProfile.objects.create(case=case, profile=make_profile(platform), is_primary=False)

    found = queue.select(user=moderator, filters=queue.Filters(platforms=(platform.slug,)))

    assert list(found) == [case]


def test_a_restricted_case_shows_only_to_who_was_let_in(
    moderator: User, other_moderator: User
) -> None:
    case = add_cases(1, is_restricted=True)[0]
    CaseUserAccess.objects.create(
        user=moderator,
        content_object=case,
        permission=Permission.objects.get(codename="view_case", content_type__app_label="cases"),
    )

    assert shown(moderator) == {case}
    assert shown(other_moderator) == set()


def test_a_recusal_takes_a_case_out_of_ones_queue(moderator: User, other_moderator: User) -> None:
    case = add_cases(1)[0]
    Recusal.objects.create(case=case, user=moderator, reason="A cousin")

    assert shown(moderator) == set()
    assert shown(other_moderator) == {case}


def test_a_confidential_report_leaves_no_trace_for_the_desk(moderator: User) -> None:
    report = add_cases(1, kind=Case.Kind.REPORT)[0]
    both = person("Iris Both", Role.MODERATOR, Role.INTAKE_COORDINATOR)

    assert shown(moderator) == shown(moderator, "kind=report") == set()
    assert shown(moderator, f"find=HF-{report.pk}") == set()
    assert shown(both) == shown(both, "kind=report") == set()


def test_a_role_without_cases_has_an_empty_queue(administrator: User, auditor: User) -> None:
    add_cases(2)

    assert shown(administrator) == shown(auditor) == set()
