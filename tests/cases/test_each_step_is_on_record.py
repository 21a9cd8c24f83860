"""Rule 9: each step writes an event in its own transaction, with the version it made."""

from collections.abc import Callable

import pytest

from accounts import audit
from accounts.models import AuditEvent, User
from cases import decisions, evidence, leases, notes, settling
from cases.models import Case, Decision
from platforms.models import Hold
from tests.cases.builders import (
    approve,
    make_designation,
    make_profile,
    open_match_case,
    policy,
    propose,
    suspend,
)

pytestmark = pytest.mark.django_db


def verbs_of(case: Case) -> list[str]:
    about = AuditEvent.objects.about(audit.reference(case))
    return list(about.order_by("at", "pk").values_list("verb", flat=True))


def versions_of(case: Case) -> list[int]:
    about = AuditEvent.objects.about(audit.reference(case)).order_by("at", "pk")
    return [event.changes["case_version"] for event in about if "case_version" in event.changes]


def test_the_whole_life_of_a_case_is_told_version_by_version(moderator: User, senior: User) -> None:
    profile = make_profile(reach=2_000_000)
    case = open_match_case(profile)
    open_match_case(profile, make_designation("KADYROV, R."))
    propose(moderator, case, Decision.Outcome.NEED_MORE, policy=None)
    withdrawn = suspend(moderator, case)
    decisions.withdraw(actor=moderator, decision=withdrawn)
    approve(senior, suspend(moderator, case))

    case.refresh_from_db()
    assert versions_of(case) == list(range(1, case.version + 1))
    told = verbs_of(case)
    for verb in (
        "case.opened",
        "case.match_joined",
        "case.leased",
        "case.moved",
        "decision.proposed",
        "decision.withdrawn",
        "decision.approved",
        "case.decided",
    ):
        assert verb in told, verb


@pytest.mark.parametrize(
    ("step", "verb"),
    [
        (lambda user, case: leases.take_lease(actor=user, case=case), "case.leased"),
        (lambda user, case: notes.add_note(actor=user, case=case, text="Seen."), "case.noted"),
        (
            lambda user, case: evidence.view(actor=user, evidence=case.evidence.first()),
            "evidence.viewed",
        ),
    ],
)
def test_a_step_that_moves_no_version_is_told_too(
    moderator: User, step: Callable[[User, Case], object], verb: str
) -> None:
    case = open_match_case()

    step(moderator, case)

    assert verbs_of(case)[-1] == verb
    event = AuditEvent.objects.about(audit.reference(case)).order_by("at", "pk").last()
    assert event is not None
    assert event.actor_user == moderator
    version = case.version
    case.refresh_from_db()
    assert case.version == version


def test_a_step_that_fails_leaves_neither_a_change_nor_an_event(
    moderator: User, senior: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = open_match_case(make_profile(reach=2_000_000))
    decision = suspend(moderator, case)
    case.refresh_from_db()
    events = AuditEvent.objects.count()

    def fail(**_: object) -> None:
        raise RuntimeError("The last step of settling fails")

    monkeypatch.setattr(settling, "_tell_other_cases", fail)
    with pytest.raises(RuntimeError):
        approve(senior, decision)

    decision.refresh_from_db()
    before = case.version
    case.refresh_from_db()
    assert decision.state == Decision.State.PROPOSED
    assert (case.state, case.version) == (Case.State.PROPOSED, before)
    assert not Hold.objects.exists()
    assert AuditEvent.objects.count() == events


def test_a_proposal_quotes_its_policy_and_version(moderator: User) -> None:
    case = open_match_case()

    decision = suspend(moderator, case)

    assert decision.case_version == case.version
    assert decision.legal_basis == policy().legal_basis
    assert [part.user for part in decision.participants.all()] == [moderator]
