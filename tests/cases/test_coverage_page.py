"""Coverage: what a cell says of an account, and that nothing hidden shows through."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from cases import coverage
from cases.coverage import State
from cases.models import Decision, Recusal
from platforms.models import ObservedState, Platform, Profile
from sanctions.models import Designation, Source
from tests.cases.builders import (
    delist,
    make_designation,
    make_match,
    make_platform,
    make_profile,
    open_match_case,
    propose,
    suspend,
)
from tests.conftest import person

pytestmark = pytest.mark.django_db

COVERAGE = reverse("cases:coverage")


@pytest.fixture
def lumen() -> Platform:
    return make_platform(name="Lumen")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def row_of(user: User, designation: Designation) -> coverage.Row:
    platforms = list(Platform.objects.order_by("name", "pk"))
    return coverage.rows(user=user, designations=[designation], platforms=platforms)[0]


def state_of(user: User, designation: Designation) -> State:
    return row_of(user, designation).cells[0].state


def observe(profile: Profile, state: ObservedState, *, ago: timedelta = timedelta(0)) -> None:
    Profile.objects.filter(pk=profile.pk).update(
        observed_state=state, observed_at=timezone.now() - ago
    )


def test_no_matched_account_is_not_found(moderator: User, lumen: Platform) -> None:
    assert state_of(moderator, make_designation()) == State.NOT_FOUND


def test_an_open_match_is_undecided_and_its_reach_is_open(moderator: User, lumen: Platform) -> None:
    designation = make_designation()
    case = open_match_case(make_profile(lumen, reach=1_500_000), designation)

    row = row_of(moderator, designation)

    assert row.cells[0].state == State.UNDECIDED
    assert row.cells[0].account is not None
    assert row.cells[0].account.case == case
    assert row.open_reach == 1_500_000


@pytest.mark.parametrize(
    ("observed", "minutes_ago", "state"),
    [
        (ObservedState.SUSPENDED, 0, State.DOWN),
        (ObservedState.GONE, 0, State.DOWN),
        (ObservedState.ACTIVE, 0, State.DRIFT),
        (ObservedState.NOT_READ, 0, State.NOT_READ),
        (ObservedState.UNREADABLE, 0, State.NOT_READ),
        (ObservedState.SUSPENDED, 60, State.NOT_READ),
    ],
)
def test_a_held_account_is_down_only_where_it_was_read_as_down(
    moderator: User,
    lumen: Platform,
    observed: ObservedState,
    minutes_ago: int,
    state: State,
) -> None:
    designation = make_designation()
    profile = make_profile(lumen)
    suspend(moderator, open_match_case(profile, designation))
    observe(profile, observed, ago=timedelta(minutes=minutes_ago))

    cell = row_of(moderator, designation).cells[0]

    assert cell.state == state
    assert cell.account is not None
    assert cell.account.detail == "1 hold"


def test_another_person_and_a_recorded_basis_are_up(moderator: User, lumen: Platform) -> None:
    cleared, kept = make_designation("A, Person"), make_designation("B, Person")
    propose(moderator, open_match_case(make_profile(lumen), cleared), Decision.Outcome.NO_ACTION)
    case = open_match_case(make_profile(lumen), kept)
    propose(moderator, case, Decision.Outcome.KEEP_UP, designations=[kept])

    first, second = row_of(moderator, cleared), row_of(moderator, kept)

    assert [first.cells[0].state, second.cells[0].state] == [State.UP, State.UP]
    assert first.cells[0].account is not None
    assert second.cells[0].account is not None
    assert first.cells[0].account.detail == "Another person"
    assert second.cells[0].account.detail == "Leave up, with a basis"
    assert first.open_reach == second.open_reach == 0


def test_a_cell_shows_the_most_pressing_account_and_how_many_more(
    moderator: User, lumen: Platform
) -> None:
    designation = make_designation()
    held = make_profile(lumen, reach=9_000)
    suspend(moderator, open_match_case(held, designation))
    observe(held, ObservedState.SUSPENDED)
    small, wide = make_profile(lumen, reach=10), make_profile(lumen, reach=500)
    open_match_case(small, designation)
    open_match_case(wide, designation)

    cell = row_of(moderator, designation).cells[0]

    assert cell.account is not None
    assert cell.account.profile == wide
    assert cell.further == 2


def test_each_list_says_for_itself_what_it_says(moderator: User, lumen: Platform) -> None:
    listed, ended = make_designation("A, Person"), make_designation("B, Person")
    Source.objects.create(slug="eu", name="EU list", short_name="EU", publisher="EU")
    delist(ended)
    ended.refresh_from_db()

    def words(designation: Designation) -> list[str]:
        return [f"{group.word} {group.names}" for group in row_of(moderator, designation).lists]

    assert words(listed) == ["Listed OFAC", "Not loaded EU"]
    assert ended.delisted_at is not None
    on = f"{ended.delisted_at.day} {ended.delisted_at:%b %Y}"
    assert words(ended) == [f"Delisted OFAC {on}", "Not loaded EU"]


def test_it_shows_people_with_an_account_found_unless_asked_for_all(
    moderator: User, lumen: Platform
) -> None:
    open_match_case(make_profile(lumen), make_designation("FOUND, Person"))
    make_designation("UNFOUND, Person")
    client = client_of(moderator)

    found = client.get(COVERAGE).content.decode()
    everybody = client.get(f"{COVERAGE}?show=all").content.decode()
    by_name = client.get(f"{COVERAGE}?show=all&find=person+unfound").content.decode()

    assert "FOUND, Person" in found
    assert "UNFOUND, Person" not in found
    assert "UNFOUND, Person" in everybody
    assert by_name.count('<th scope="row">') == 1


def test_a_match_of_a_case_that_is_closed_to_the_reader_does_not_show(
    moderator: User, other_moderator: User, lumen: Platform
) -> None:
    designation = make_designation()
    case = open_match_case(make_profile(lumen, handle="hidden_one"), designation)
    Recusal.objects.create(case=case, user=moderator, reason="A cousin")

    assert state_of(moderator, designation) == State.NOT_FOUND
    assert "hidden_one" not in client_of(moderator).get(COVERAGE).content.decode()
    assert state_of(other_moderator, designation) == State.UNDECIDED


def test_pages_are_complete_in_the_order_of_names(moderator: User, lumen: Platform) -> None:
    for number in range(60):
        make_designation(f"PERSON, {number:02}")
    client = client_of(moderator)

    first = client.get(f"{COVERAGE}?show=all")
    second = client.get(first.context["next_url"])
    names = [
        row.designation.primary_name for page in (first, second) for row in page.context["rows"]
    ]

    assert names == [f"PERSON, {number:02}" for number in range(60)]
    assert second.context["next_url"] is None


def test_the_number_of_queries_does_not_depend_on_what_is_shown(
    moderator: User, lumen: Platform
) -> None:
    client = client_of(moderator)

    def queries_for(people: int) -> int:
        while Designation.objects.count() < people:
            designation = make_designation()
            profile = make_profile(lumen)
            if Designation.objects.count() % 2:
                open_match_case(profile, designation)
            else:
                make_match(profile, designation)
        client.get(COVERAGE)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(COVERAGE).status_code == 200
        return len(captured)

    assert queries_for(5) == queries_for(40)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR, Role.INTAKE_COORDINATOR])
def test_roles_outside_the_desk_are_refused(role: Role) -> None:
    assert client_of(person("Somebody", role)).get(COVERAGE).status_code == 403
