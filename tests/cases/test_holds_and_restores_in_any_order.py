"""Rules 1, 2, 3 and 5 in whatever order people act: what is down for a reason stays down."""

from contextlib import suppress

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import PIPELINE
from accounts.models import User
from accounts.refusals import Refusal
from accounts.roles import Role
from cases import decisions, opening, pipeline
from cases.models import Approval, Case, Decision, RestoreBasis
from platforms.models import Enforcement, Hold, Profile
from platforms.models.holds import KEEPS_DOWN
from platforms.refusals import database_refusals
from sanctions.models import Designation, ListVersion
from tests.cases.builders import (
    delist,
    make_designation,
    make_match,
    make_profile,
    policy,
    propose,
    relist,
)
from tests.conftest import person

Outcome = Decision.Outcome
State = Enforcement.State

# Releases and restores more often than the rest: they are what must not go wrong.
ASKED_FOR = [*Outcome, Outcome.RELEASE_HOLD, Outcome.RELEASE_HOLD, Outcome.RESTORE, Outcome.RESTORE]
NAMES = ("KADYROV, Ramzan", "DODIK, Milorad", "SOLEIMANI, Qasem")


class Desk(RuleBasedStateMachine):
    """One profile, three entries, two seniors, and an executor. Refusals are part of it."""

    people: tuple[User, User]
    profile: Profile

    def __init__(self) -> None:
        super().__init__()
        # Each play begins from an empty desk.
        self.play = transaction.atomic()
        self.play.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.play.__exit__(None, None, None)

    @initialize(reach=st.sampled_from([500, 4_000_000]))
    def begin(self, reach: int) -> None:
        self.people = (
            person("First Senior", Role.SENIOR_REVIEWER),
            person("Second Senior", Role.SENIOR_REVIEWER),
        )
        self.profile = make_profile(reach=reach)
        self.designations = [make_designation(name) for name in NAMES]
        # Long plays that come to a restore begin where one is near: held, and delisted since.
        self.a_match_is_found(0)
        self.somebody_proposes(0, 0, Outcome.SUSPEND)
        self.somebody_answers(1, True)
        self.the_list_changes_its_mind(0)

    @rule(which=st.integers(0, 2))
    def a_match_is_found(self, which: int) -> None:
        designation = Designation.objects.get(pk=self.designations[which].pk)
        version = designation.current_version
        if designation.is_listed and not version.matches.filter(profile=self.profile).exists():
            match = make_match(self.profile, designation)
            opening.open_for_matches(actor=PIPELINE, profile=self.profile, matches=[match])

    @rule(which=st.integers(0, 2))
    def the_list_changes_its_mind(self, which: int) -> None:
        designation = Designation.objects.get(pk=self.designations[which].pk)
        (delist if designation.is_listed else relist)(designation)
        pipeline.open_due_cases()

    @rule(who=st.integers(0, 1), pick=st.integers(0, 5), outcome=st.sampled_from(ASKED_FOR))
    def somebody_proposes(self, who: int, pick: int, outcome: Decision.Outcome) -> None:
        cases = list(Case.objects.unsettled().order_by("pk"))
        if not cases:
            return
        case = cases[pick % len(cases)]
        standing = list(self.profile.holds.standing().order_by("pk"))
        restores = Enforcement.objects.filter(action="restore").count()
        with suppress(Refusal), transaction.atomic():
            propose(
                self.people[who],
                case,
                outcome,
                policy=policy("platform-policy"),
                designations=list(case.designations.all()) if case.kind == "match" else [],
                holds=standing[:1],
                ground=Decision.Ground.DELISTED if outcome == Outcome.RELEASE_HOLD else "",
                list_version=self._list_version_of(standing[:1]),
            )
        # Nobody restores alone, whatever they ask for.
        assert Enforcement.objects.filter(action="restore").count() == restores

    @rule(who=st.integers(0, 1), yes=st.sampled_from([True, True, False]))
    def somebody_answers(self, who: int, yes: bool) -> None:
        decision = Decision.objects.filter(state="proposed").order_by("pk").first()
        if decision is None:
            return
        restores = Enforcement.objects.filter(action="restore").count()
        with suppress(Refusal), transaction.atomic():
            decisions.answer(
                actor=self.people[who],
                decision=decision,
                is_approved=yes,
                reason="Looked at again.",
                expected_version=None,
            )
        ordered = Enforcement.objects.filter(action="restore").count() - restores
        assert ordered == 0 or decision.outcome == Outcome.RESTORE

    @rule(who=st.integers(0, 1))
    @precondition(lambda self: Decision.objects.filter(state="proposed").exists())
    def somebody_withdraws(self, who: int) -> None:
        decision = Decision.objects.filter(state="proposed").order_by("pk").first()
        with suppress(Refusal), transaction.atomic():
            decisions.withdraw(actor=self.people[who], decision=decision)

    @rule(to=st.sampled_from(["sending", "confirmed", "failed", "unknown"]))
    def the_executor_takes_a_step(self, to: str) -> None:
        """Without asking any verb: the database alone decides what may be sent."""
        action = Enforcement.objects.unsettled().order_by("pk").first()
        if action is not None:
            with suppress(Refusal), transaction.atomic(), database_refusals():
                Enforcement.objects.filter(pk=action.pk).update(state=to)

    @invariant()
    def the_database_could_commit(self) -> None:
        connection.check_constraints()

    @invariant()
    def no_restore_waits_while_a_hold_stands(self) -> None:
        standing = Hold.objects.standing().filter(effect__in=KEEPS_DOWN)
        restores = Enforcement.objects.filter(action="restore")
        if standing.exists():
            assert not restores.filter(state__in=[State.APPROVED, State.FAILED]).exists()
            # One that was in flight when the hold was placed has a suspension behind it.
            if restores.filter(state=State.SENDING).exists():
                assert Enforcement.objects.unsettled().filter(action="suspend").exists()

    @invariant()
    def every_hold_has_its_approved_decision(self) -> None:
        for hold in Hold.objects.select_related("basis__placed_by_decision", "profile__platform"):
            decision = hold.basis.placed_by_decision
            assert decision.state == Decision.State.APPROVED
            assert decision.profile_id == hold.profile_id
            if hold.profile.has_high_reach:
                assert decision.approval.approver_id != decision.proposer_id
            assert (hold.released_at is None) == (hold.basis.released_by_decision_id is None)

    @invariant()
    def every_restore_has_its_two_people(self) -> None:
        restores = Enforcement.objects.filter(action="restore").count()
        assert RestoreBasis.objects.count() == restores
        for basis in RestoreBasis.objects.select_related("decision__approval"):
            approval: Approval = basis.decision.approval
            assert approval.is_approved
            assert approval.approver_id != basis.decision.proposer_id

    @invariant()
    def one_primary_case_is_open_at_most(self) -> None:
        unsettled = Case.objects.unsettled()
        assert unsettled.filter(kind=Case.Kind.MATCH).count() <= 1
        waiting = Decision.objects.filter(state="proposed").values_list("case", flat=True)
        proposed = unsettled.filter(state=Case.State.PROPOSED).values_list("pk", flat=True)
        assert sorted(waiting) == sorted(proposed)

    def _list_version_of(self, holds: list[Hold]) -> ListVersion | None:
        for hold in holds:
            version = hold.basis.designation.versions.filter(change="delisted").last()
            return version and version.list_version
        return None


@pytest.mark.django_db
def test_what_is_down_for_a_reason_stays_down() -> None:
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
