"""Rule 3: a designation hold is released on a recorded ground, by two people, one by one."""

import pytest

from accounts.actors import PIPELINE
from accounts.models import User
from accounts.refusals import NotAllowed
from cases import decisions, opening
from cases.models import Case, Decision
from cases.refusals import AlreadySettled, OutcomeNotPermitted, StalePage
from platforms.models import Enforcement, Hold, Profile
from sanctions.models import Designation, ListVersion, Match
from tests.cases.builders import (
    approve,
    delist,
    held_profile,
    make_designation,
    make_list_version,
    make_profile,
    make_source,
    open_match_case,
    policy,
    propose,
    relist,
    suspend,
)
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db

Ground = Decision.Ground


def release(
    actor: User, case: Case, *holds: Hold, ground: str, list_version: ListVersion | None = None
) -> Decision:
    return propose(
        actor,
        case,
        Decision.Outcome.RELEASE_HOLD,
        policy=policy("delisting"),
        holds=list(holds),
        ground=ground,
        list_version=list_version,
    )


@pytest.fixture
def twice_held(moderator: User) -> tuple[Profile, Hold, Hold]:
    """One profile, held for an entry of each of two lists."""
    profile = make_profile()
    for short_name in ("OFAC", "EU"):
        source = make_source(short_name.lower(), short_name)
        suspend(moderator, open_match_case(profile, make_designation(source=source)))
    first, second = profile.holds.order_by("pk")
    return profile, first, second


def asked_about(hold: Hold) -> tuple[Case, ListVersion]:
    """Delist the entry of a hold, and open the case that asks what follows."""
    list_version = delist(hold.basis.designation)
    case = opening.open_for_delisting(
        actor=PIPELINE, profile=hold.profile, designation=hold.basis.designation
    )
    return case, list_version


def test_releasing_one_of_two_holds_lifts_that_one_alone(
    twice_held: tuple[Profile, Hold, Hold], moderator: User, senior: User
) -> None:
    profile, first, second = twice_held
    case, list_version = asked_about(first)

    approve(
        senior,
        release(moderator, case, first, ground=Ground.DELISTED, list_version=list_version),
    )

    assert list(profile.holds.standing()) == [second]
    first.refresh_from_db()
    assert first.released_by == senior
    assert first.basis.release_ground == Ground.DELISTED
    profile.refresh_from_db()
    assert profile.is_held
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED


def test_releasing_the_last_hold_restores_nothing_and_keeps_the_case_open(
    delisting_case: Case, moderator: User, senior: User
) -> None:
    profile = delisting_case.profiles.get()
    hold = profile.holds.get()
    list_version = hold.basis.designation.current_version.list_version

    approve(
        senior,
        release(moderator, delisting_case, hold, ground=Ground.DELISTED, list_version=list_version),
    )

    profile.refresh_from_db()
    assert not profile.is_held
    assert not Enforcement.objects.filter(action="restore").exists()
    # The suspension that was not sent yet is not wanted any more.
    assert Enforcement.objects.get().state == Enforcement.State.CANCELLED
    delisting_case.refresh_from_db()
    assert delisting_case.state == Case.State.OPEN


def test_one_person_releases_nothing(delisting_case: Case, moderator: User) -> None:
    hold = delisting_case.profiles.get().holds.get()
    list_version = hold.basis.designation.current_version.list_version

    decision = release(
        moderator, delisting_case, hold, ground=Ground.DELISTED, list_version=list_version
    )

    assert decision.state == Decision.State.PROPOSED
    hold.refresh_from_db()
    assert hold.stands


def test_a_release_needs_its_ground_its_hold_and_its_list_version(
    delisting_case: Case, moderator: User
) -> None:
    hold = delisting_case.profiles.get().holds.get()
    another_version = make_list_version(hold.basis.designation.source)

    with pytest.raises(OutcomeNotPermitted, match="which ground"):
        release(moderator, delisting_case, hold, ground="")
    with pytest.raises(OutcomeNotPermitted, match="which hold"):
        release(moderator, delisting_case, ground=Ground.LICENCE)
    with pytest.raises(OutcomeNotPermitted, match="Name the list version"):
        release(moderator, delisting_case, hold, ground=Ground.DELISTED)
    with pytest.raises(OutcomeNotPermitted, match="is not the one that delisted"):
        release(
            moderator,
            delisting_case,
            hold,
            ground=Ground.DELISTED,
            list_version=another_version,
        )
    assert not Decision.objects.filter(outcome="release_hold").exists()


@pytest.mark.parametrize("ground", [Ground.ORDER_ENDED, Ground.POLICY_ENDED])
def test_a_designation_hold_is_not_released_on_the_ground_of_another_kind(
    delisting_case: Case, moderator: User, ground: Decision.Ground
) -> None:
    hold = delisting_case.profiles.get().holds.get()

    with pytest.raises(OutcomeNotPermitted, match="is no ground"):
        release(moderator, delisting_case, hold, ground=ground)


def test_a_hold_whose_entry_is_listed_is_not_released_as_delisted(
    twice_held: tuple[Profile, Hold, Hold], moderator: User
) -> None:
    _, first, second = twice_held
    case, list_version = asked_about(first)

    with pytest.raises(OutcomeNotPermitted, match="still listed"):
        release(moderator, case, second, ground=Ground.DELISTED, list_version=list_version)


def test_a_hold_of_another_profile_is_not_released_here(
    delisting_case: Case, moderator: User
) -> None:
    elsewhere = held_profile(moderator).holds.get()

    with pytest.raises(OutcomeNotPermitted, match="does not stand on this profile"):
        release(moderator, delisting_case, elsewhere, ground=Ground.MISIDENTIFIED)


def test_an_entry_that_is_listed_again_stops_the_release_that_waits(
    delisting_case: Case, moderator: User, senior: User
) -> None:
    hold = delisting_case.profiles.get().holds.get()
    designation = hold.basis.designation
    list_version = designation.current_version.list_version
    decision = release(
        moderator, delisting_case, hold, ground=Ground.DELISTED, list_version=list_version
    )
    relist(designation)

    with pytest.raises(OutcomeNotPermitted, match="still listed"):
        approve(senior, decision)

    hold.refresh_from_db()
    assert hold.stands


def test_a_licence_is_for_counsel_to_accept(
    delisting_case: Case, moderator: User, senior: User, counsel: User
) -> None:
    hold = delisting_case.profiles.get().holds.get()
    decision = release(moderator, delisting_case, hold, ground=Ground.LICENCE)

    with pytest.raises(NotAllowed):
        approve(senior, decision)
    approve(counsel, decision)

    hold.refresh_from_db()
    assert not hold.stands


def test_a_misidentified_person_is_cleared_by_the_second_review(
    delisting_case: Case, moderator: User, senior: User
) -> None:
    hold = delisting_case.profiles.get().holds.get()
    match = Match.objects.get()
    assert match.adjudication == Match.Adjudication.CONFIRMED

    approve(senior, release(moderator, delisting_case, hold, ground=Ground.MISIDENTIFIED))

    match.refresh_from_db()
    assert match.adjudication == Match.Adjudication.NO_MATCH
    assert match.adjudicated_by == senior


def test_the_second_click_releases_nothing_more(
    delisting_case: Case, moderator: User, senior: User
) -> None:
    hold = delisting_case.profiles.get().holds.get()
    decision = release(moderator, delisting_case, hold, ground=Ground.MISIDENTIFIED)
    approve(senior, decision)

    with pytest.raises(AlreadySettled):
        approve(senior, decision)
    # Sent again from the page of the first click.
    with pytest.raises(AlreadySettled):
        decisions.answer(
            actor=senior,
            decision=decision,
            is_approved=True,
            expected_version=decision.case_version,
        )


def test_an_answer_from_an_old_page_is_shown_what_changed(
    delisting_case: Case, moderator: User, senior: User
) -> None:
    hold = delisting_case.profiles.get().holds.get()
    decision = release(moderator, delisting_case, hold, ground=Ground.MISIDENTIFIED)

    with pytest.raises(StalePage) as refusal:
        decisions.answer(
            actor=senior,
            decision=decision,
            is_approved=True,
            expected_version=decision.case_version,
        )

    assert [event.verb for event in refusal.value.changes] == ["decision.proposed"]


class TestBySQL:
    """What the verbs refuse, tried past them."""

    @pytest.fixture
    def approved(self, delisting_case: Case, moderator: User, senior: User) -> Decision:
        """A release of the only hold, two people, because of a misidentification."""
        hold = delisting_case.profiles.get().holds.get()
        decision = release(moderator, delisting_case, hold, ground=Ground.MISIDENTIFIED)
        approve(senior, decision)
        return decision

    def test_a_release_is_not_stretched_to_another_hold(
        self, approved: Decision, moderator: User
    ) -> None:
        other = held_profile(moderator).holds.get()

        with refused_with("HF007"):
            run_sql(
                "INSERT INTO cases_decisionhold (decision_id, hold_id) VALUES (%s, %s)",
                approved.pk,
                other.pk,
            )

    def test_a_release_does_not_reach_another_profile(
        self, approved: Decision, moderator: User
    ) -> None:
        other = held_profile(moderator).holds.get()

        with refused_with("HF006", saying="another profile"):
            run_sql(
                "UPDATE cases_holdbasis SET released_by_decision_id = %s,"
                " release_ground = 'misidentified' WHERE hold_id = %s",
                approved.pk,
                other.pk,
            )

    def test_a_basis_does_not_tell_of_a_release_that_did_not_happen(
        self, twice_held: tuple[Profile, Hold, Hold], moderator: User, senior: User
    ) -> None:
        _, first, second = twice_held
        case, list_version = asked_about(first)
        decision = release(
            moderator, case, first, ground=Ground.DELISTED, list_version=list_version
        )
        approve(senior, decision)

        with refused_with("HF006", saying="its basis says"):
            run_sql(
                "UPDATE cases_holdbasis SET released_by_decision_id = %s,"
                " release_ground = 'licence' WHERE hold_id = %s",
                decision.pk,
                second.pk,
            )

    def test_a_listed_entry_is_not_called_delisted(
        self, twice_held: tuple[Profile, Hold, Hold], moderator: User, senior: User
    ) -> None:
        _, first, second = twice_held
        case, list_version = asked_about(first)
        decision = release(
            moderator, case, first, ground=Ground.DELISTED, list_version=list_version
        )
        approve(senior, decision)

        with refused_with("HF006", saying="No delisting"):
            run_sql(
                "UPDATE cases_holdbasis SET released_by_decision_id = %s,"
                " release_ground = 'delisted' WHERE hold_id = %s",
                decision.pk,
                second.pk,
            )

    def test_a_listed_designation_stays_as_it_was_named(
        self, approved: Decision, designation_elsewhere: Designation
    ) -> None:
        placed = Decision.objects.get(outcome=Decision.Outcome.SUSPEND)

        with refused_with("HF007"):
            run_sql(
                "INSERT INTO cases_decision_designations (decision_id, designation_id)"
                " VALUES (%s, %s)",
                placed.pk,
                designation_elsewhere.pk,
            )
        with refused_with("42501"):
            run_sql("DELETE FROM cases_decision_designations WHERE decision_id = %s", placed.pk)

    @pytest.fixture
    def designation_elsewhere(self, db: None) -> Designation:
        return make_designation("DODIK, Milorad")
