"""Rules 4, 8 and 9 against whoever has SQL: cases, decisions and verdicts after the fact."""

import pytest

from accounts.models import User
from cases.models import Case, CaseMatch, CaseProfile, Decision, HoldBasis, RestoreBasis
from platforms.models import Enforcement, Hold
from sanctions.adjudication import adjudicate
from sanctions.models import Match
from sanctions.refusals import VerdictStands
from tests.cases.builders import (
    held_profile,
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    propose,
    suspend,
)
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db

NO_RIGHT = "42501"


@pytest.fixture
def decided(moderator: User) -> Case:
    """A case that one person decided: a hold stands."""
    case = open_match_case()
    suspend(moderator, case)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize(
    "table",
    [
        "cases_case",
        "cases_caseprofile",
        "cases_casematch",
        "cases_casedesignation",
        "cases_decision",
        "cases_decision_designations",
        "cases_decisionparticipant",
        "cases_approval",
        "cases_holdbasis",
        "cases_evidence",
        "cases_custodyentry",
        "cases_policy",
        "sanctions_match",
    ],
)
def test_the_application_deletes_nothing_of_a_case(decided: Case, table: str) -> None:
    with refused_with(NO_RIGHT):
        run_sql(f"DELETE FROM {table}")  # noqa: S608  a name from above


@pytest.mark.parametrize(
    "change",
    [
        "reasons = 'Other reasons'",
        "outcome = 'no_action'",
        "needs_second = true",
        "profile_id = NULL",
        "legal_basis = 'Another law'",
        "state = 'withdrawn'",
        "state = 'proposed'",
    ],
)
def test_a_settled_decision_does_not_change(decided: Case, change: str) -> None:
    with refused_with("HF007"):
        run_sql(f"UPDATE cases_decision SET {change}")  # noqa: S608  words from above


def test_a_policy_that_a_decision_quotes_only_ends(decided: Case) -> None:
    policy = decided.decisions.get().policy
    assert policy is not None

    with refused_with("HF007"):
        run_sql("UPDATE cases_policy SET legal_basis = 'Another law' WHERE id = %s", policy.pk)
    run_sql("UPDATE cases_policy SET ends_on = '2030-01-01' WHERE id = %s", policy.pk)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'open', closed_at = NULL",
        "kind = 'delisting'",
        "version = version - 1",
        "opened_at = now() - interval '1 year'",
    ],
)
def test_a_decided_case_is_not_opened_again_and_keeps_what_it_was(
    decided: Case, change: str
) -> None:
    with refused_with("HF009"):
        run_sql(
            f"UPDATE cases_case SET {change} WHERE number = %s",  # noqa: S608  words from above
            decided.pk,
        )


def test_a_case_does_not_close_over_a_proposal_that_waits(moderator: User) -> None:
    case = open_match_case(make_profile(reach=2_000_000))
    suspend(moderator, case)

    with refused_with("HF009"):
        run_sql(
            "UPDATE cases_case SET state = 'closed', closed_at = now() WHERE number = %s", case.pk
        )


def test_nothing_is_proposed_in_a_closed_case(decided: Case, moderator: User) -> None:
    with refused_with("HF009"):
        Decision.objects.create(
            case=decided,
            case_version=decided.version,
            outcome=Decision.Outcome.NEED_MORE,
            needs_second=False,
            reasons="By hand.",
            proposer=moderator,
        )


def test_whether_a_link_is_open_follows_the_case_alone(moderator: User) -> None:
    case = open_match_case()
    link = CaseProfile.objects.get(case=case)
    assert link.is_open

    with refused_with(NO_RIGHT):
        run_sql("UPDATE cases_caseprofile SET is_open = false WHERE id = %s", link.pk)
    suspend(moderator, case)

    link.refresh_from_db()
    assert not link.is_open


def test_a_link_fits_the_kind_and_the_state_of_its_case(decided: Case) -> None:
    with refused_with("HF009"):
        CaseProfile.objects.create(case=decided, profile=make_profile(), is_primary=True)
    with refused_with("HF009"):
        CaseProfile.objects.create(
            case=open_match_case(), profile=make_profile(), is_primary=False, is_open=False
        )


def test_a_match_is_linked_to_a_case_about_its_profile() -> None:
    case = open_match_case()
    elsewhere = make_match(make_profile(), make_designation("DODIK, Milorad"))

    with refused_with("HF009"):
        CaseMatch.objects.create(case=case, match=elsewhere)


@pytest.mark.parametrize("outcome", [Decision.Outcome.KEEP_UP, Decision.Outcome.NO_ACTION])
def test_a_hold_does_not_rest_on_a_decision_to_leave_it_up(
    moderator: User, outcome: Decision.Outcome
) -> None:
    case = open_match_case()
    designation = case.designations.get()
    decision = propose(moderator, case, outcome, designations=[designation])

    with refused_with("HF006", saying="something else"):
        place_by_hand(moderator, case, decision)


def test_a_hold_does_not_rest_on_a_decision_about_another_profile(
    decided: Case, moderator: User
) -> None:
    with refused_with("HF006", saying="something else"):
        place_by_hand(moderator, open_match_case(), decided.decisions.get())


def test_a_designation_hold_rests_on_the_designation_that_was_decided(
    decided: Case, moderator: User
) -> None:
    decision = decided.decisions.get()

    with refused_with("HF006", saying="names a designation"):
        hold = Hold.objects.create(
            profile=decision.profile,
            kind=Hold.Kind.DESIGNATION,
            source="ofac-sdn",
            entry_key="another entry",
            title="By hand",
            placed_by=moderator,
        )
        HoldBasis.objects.create(
            hold=hold, designation=decided.designations.get(), placed_by_decision=decision
        )


def test_one_decision_restores_once_and_a_suspension_restores_nothing(
    decided: Case, moderator: User
) -> None:
    other = open_match_case()
    decision = decided.decisions.get()

    with refused_with("HF006", saying="two-person decision"):
        restore = Enforcement.objects.create(
            profile=other.profiles.get(), action="restore", reference="By hand"
        )
        RestoreBasis.objects.create(enforcement=restore, decision=decision)


def test_a_verdict_is_not_written_over(moderator: User, senior: User) -> None:
    case = open_match_case()
    propose(moderator, case, Decision.Outcome.NO_ACTION, policy=None)
    match = case.matches.get()

    with pytest.raises(VerdictStands):
        adjudicate(
            actor=senior, match=match, verdict=Match.Adjudication.CONFIRMED, reason="It is them."
        )
    with refused_with("HF010"):
        run_sql("UPDATE sanctions_match SET adjudication = 'confirmed'")
    with refused_with("HF010"):
        run_sql("UPDATE sanctions_match SET adjudication_reason = 'Other reasons'")
    match.refresh_from_db()
    assert match.adjudicated_by == moderator


def test_what_was_compared_is_kept() -> None:
    open_match_case()

    with refused_with("HF010"):
        run_sql("UPDATE sanctions_match SET score = 0.1")


def place_by_hand(actor: User, case: Case, decision: Decision) -> None:
    designation = case.designations.get()
    hold = Hold.objects.create(
        profile=case.profiles.get(),
        kind=Hold.Kind.DESIGNATION,
        source=designation.source.slug,
        entry_key=designation.entry_key,
        title="By hand",
        placed_by=actor,
    )
    HoldBasis.objects.create(hold=hold, designation=designation, placed_by_decision=decision)


def test_a_standing_hold_is_not_called_released(moderator: User) -> None:
    hold = held_profile(moderator).holds.get()

    with refused_with("23514"):
        run_sql(
            "UPDATE cases_holdbasis SET release_ground = 'delisted' WHERE hold_id = %s", hold.pk
        )
