"""What each outcome does to a case, and which outcome a case does not have."""

import pytest
from django.utils import timezone

from accounts.actors import PIPELINE
from accounts.models import User
from cases import decisions, opening, policies
from cases.models import Case, Decision, Evidence, HoldBasis, Policy
from cases.refusals import InvalidCaseStep, LeaseMissing, OutcomeNotPermitted
from cases.transitions import TRANSITIONS, check
from platforms.models import Enforcement, Hold, Profile
from sanctions.models import Match
from tests.cases.builders import (
    approve,
    delist,
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    policy,
    propose,
    suspend,
)

pytestmark = pytest.mark.django_db

Outcome = Decision.Outcome


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Outcome.NEED_MORE, Case.State.WAITING), (Outcome.COUNSEL, Case.State.WITH_COUNSEL)],
)
def test_what_decides_nothing_keeps_the_case_open(
    moderator: User, outcome: Decision.Outcome, state: Case.State
) -> None:
    case = open_match_case()

    propose(moderator, case, outcome, policy=None)
    propose(moderator, case, outcome, policy=None)

    case.refresh_from_db()
    assert case.state == state
    assert case.lease_holder is None
    assert Match.objects.get().adjudication == Match.Adjudication.OPEN
    assert case.decisions.count() == 2


def test_another_person_clears_the_match_and_places_nothing(moderator: User) -> None:
    case = open_match_case()

    propose(moderator, case, Outcome.NO_ACTION, policy=None)

    case.refresh_from_db()
    assert case.state == Case.State.CLOSED
    match = Match.objects.get()
    assert (match.adjudication, match.adjudicated_by) == (Match.Adjudication.NO_MATCH, moderator)
    assert not Hold.objects.exists()


def test_leaving_up_confirms_the_person_and_names_the_basis(moderator: User) -> None:
    case = open_match_case()

    propose(moderator, case, Outcome.KEEP_UP, designations=list(case.designations.all()))

    assert Match.objects.get().adjudication == Match.Adjudication.CONFIRMED
    assert not Enforcement.objects.exists()
    decision = case.decisions.get()
    assert decision.legal_basis == policy().legal_basis


@pytest.mark.parametrize("outcome", [Outcome.SUSPEND, Outcome.KEEP_UP])
def test_what_rests_on_a_listing_names_an_entry_of_the_case(
    moderator: User, outcome: Decision.Outcome
) -> None:
    case = open_match_case()

    with pytest.raises(OutcomeNotPermitted):
        propose(moderator, case, outcome)
    with pytest.raises(OutcomeNotPermitted):
        propose(moderator, case, outcome, designations=[make_designation("DODIK, Milorad")])


@pytest.mark.parametrize("outcome", [Outcome.KEEP_DOWN, Outcome.RESTORE, Outcome.RELEASE_HOLD])
def test_a_match_case_is_not_closed_by_what_it_never_asked(
    moderator: User, outcome: Decision.Outcome
) -> None:
    """Closed like that, its matches would stay undecided for ever."""
    case = open_match_case()

    with pytest.raises(OutcomeNotPermitted, match="does not answer"):
        propose(moderator, case, outcome)

    case.refresh_from_db()
    assert case.state == Case.State.OPEN


def test_a_case_about_no_account_takes_nothing_down(moderator: User) -> None:
    case = Case.objects.create(
        kind=Case.Kind.NETWORK,
        question="Who runs these?",
        opened_because="A letter",
        due_at=timezone.now(),
    )

    with pytest.raises(OutcomeNotPermitted, match="no account"):
        propose(moderator, case, Outcome.SUSPEND)
    propose(moderator, case, Outcome.NEED_MORE, policy=None)


def test_a_proposal_takes_a_lease_and_reasons(moderator: User) -> None:
    case = open_match_case()
    proposal = decisions.Proposal(outcome=Outcome.NEED_MORE, reasons="Ask for a photo.")

    with pytest.raises(LeaseMissing):
        decisions.propose(
            actor=moderator, case=case, proposal=proposal, expected_version=case.version
        )
    with pytest.raises(OutcomeNotPermitted, match="reasons"):
        propose(moderator, case, Outcome.NEED_MORE, reasons="   ")


def test_an_entry_delisted_while_its_case_is_open_takes_nothing_down(moderator: User) -> None:
    designation = make_designation()
    case = open_match_case(designation=designation)
    delist(designation)

    with pytest.raises(OutcomeNotPermitted, match="not listed any more"):
        suspend(moderator, case)


def test_an_entry_delisted_while_the_proposal_waits_takes_nothing_down(
    moderator: User, senior: User
) -> None:
    designation = make_designation()
    decision = suspend(moderator, open_match_case(make_profile(reach=2_000_000), designation))
    delist(designation)

    with pytest.raises(OutcomeNotPermitted, match="not listed any more"):
        approve(senior, decision)

    assert not Hold.objects.exists()


def test_a_policy_speaks_of_the_programs_it_names(moderator: User) -> None:
    case = open_match_case(designation=make_designation(programs=("SDGT",)))

    with pytest.raises(OutcomeNotPermitted, match="GLOMAG"):
        propose(
            moderator,
            case,
            Outcome.SUSPEND,
            policy=Policy.objects.create(
                code="other",
                title="Other",
                legal_basis="Other",
                programs=["GLOMAG"],
                permitted_outcomes=["suspend"],
                starts_on=policy().starts_on,
            ),
            designations=list(case.designations.all()),
        )


def test_a_policy_permits_some_outcomes_and_no_other() -> None:
    keeps_up = Policy(title="A basis", permitted_outcomes=["keep_up"], starts_on=policy().starts_on)

    policies.require_permitted(keeps_up, Outcome.KEEP_UP)
    policies.require_permitted(None, Outcome.NEED_MORE)
    with pytest.raises(OutcomeNotPermitted):
        policies.require_permitted(keeps_up, Outcome.SUSPEND)
    with pytest.raises(OutcomeNotPermitted):
        policies.require_permitted(None, Outcome.SUSPEND)


def test_each_designation_is_a_hold_of_its_own(moderator: User) -> None:
    profile = make_profile()
    case = open_match_case(profile)
    second = make_match(profile, make_designation("KADYROV, R."))
    opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[second])

    suspend(moderator, case)

    assert profile.holds.standing().count() == 2
    assert HoldBasis.objects.values("designation").distinct().count() == 2
    # One action is enough for both.
    assert Enforcement.objects.count() == 1


def test_what_is_taken_down_is_captured_as_it_was_then(moderator: User) -> None:
    case = open_match_case()
    captures = case.evidence.filter(kind=Evidence.Kind.PROFILE_CAPTURE)
    assert captures.count() == 1
    Profile.objects.update(bio="Changed since the case was opened")

    suspend(moderator, case)

    assert captures.count() == 2
    latest = captures.order_by("-pk").first()
    assert b"Changed since" in bytes(latest.content)
    assert latest.custody.filter(by_user=moderator).count() == 2


def test_an_unchanged_profile_is_not_captured_twice(moderator: User) -> None:
    case = open_match_case()

    suspend(moderator, case)

    assert case.evidence.filter(kind=Evidence.Kind.PROFILE_CAPTURE).count() == 1


@pytest.mark.parametrize("state", list(Case.State))
def test_a_decided_case_goes_nowhere_and_no_case_stays_where_it_is(state: Case.State) -> None:
    with pytest.raises(InvalidCaseStep):
        check(Case.State.CLOSED, state)
    with pytest.raises(InvalidCaseStep):
        check(state, state)


def test_every_state_has_its_steps() -> None:
    assert set(TRANSITIONS) == set(Case.State)
