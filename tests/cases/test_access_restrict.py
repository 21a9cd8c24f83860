"""Restrict a case, open it to people and teams, end that again, and lift the restriction."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import AuditEvent, RoleGrant, User
from accounts.refusals import NotAllowed
from cases import access, departures, leases
from cases.models import Case, CaseUserAccess
from cases.refusals import AccessRefused
from tests.cases.builders import open_match_case
from tests.cases.sql import refused_with, run_sql

pytestmark = pytest.mark.django_db


def sees(user: User, case: Case) -> bool:
    again = User.objects.get(pk=user.pk)
    return Case.objects.visible_to(again).filter(pk=case.pk).exists()


def verbs_of(case: Case) -> list[str]:
    events = AuditEvent.objects.about(f"case:{case.pk}").order_by("pk")
    return list(events.values_list("verb", flat=True))


@pytest.fixture
def case(db: None) -> Case:
    return open_match_case()


@pytest.fixture
def restricted(case: Case, senior: User) -> Case:
    """Restricted by the senior reviewer, who has the only grant."""
    return access.restrict(actor=senior, case=case, reason="A public figure")


@pytest.fixture
def team(moderator: User) -> Group:
    """A team with the moderator in it."""
    team = Group.objects.create(name="Elections")
    moderator.groups.add(team)
    return team


def let_in(actor: User, case: Case, to: User | Group, **fields: object) -> access.Access:
    return access.grant_access(actor=actor, case=case, to=to, reason="Knows it", **fields)


class TestRestrict:
    def test_it_closes_the_case_to_everyone_but_who_did_it(
        self, restricted: Case, senior: User, moderator: User, counsel: User
    ) -> None:
        assert sees(senior, restricted)
        assert not sees(moderator, restricted)
        assert not sees(counsel, restricted)

    def test_it_stands_in_the_record_with_the_grant(self, restricted: Case) -> None:
        assert verbs_of(restricted)[-2:] == ["case.restricted", "case.access_granted"]

    def test_it_gives_back_what_somebody_else_held(
        self, case: Case, senior: User, moderator: User
    ) -> None:
        leases.take_lease(actor=moderator, case=case)
        access.restrict(actor=senior, case=case, reason="A public figure")

        case.refresh_from_db()
        assert (case.lease_holder, case.lease_ends_at, case.assignee) == (None, None, None)

    def test_it_leaves_a_lease_to_who_still_sees_the_case(self, case: Case, senior: User) -> None:
        leases.take_lease(actor=senior, case=case)
        access.restrict(actor=senior, case=case, reason="A public figure")

        case.refresh_from_db()
        assert case.lease_holder == senior

    def test_a_moderator_may_not(self, case: Case, moderator: User) -> None:
        with pytest.raises(NotAllowed):
            access.restrict(actor=moderator, case=case, reason="A public figure")

    def test_it_takes_a_reason(self, case: Case, senior: User) -> None:
        with pytest.raises(AccessRefused, match="reason"):
            access.restrict(actor=senior, case=case, reason="  ")

    def test_it_is_refused_twice(self, restricted: Case, senior: User) -> None:
        with pytest.raises(AccessRefused, match="already"):
            access.restrict(actor=senior, case=restricted, reason="Again")

    def test_who_cannot_open_it_cannot_lift_it(self, restricted: Case, counsel: User) -> None:
        with pytest.raises(NotAllowed):
            access.lift_restriction(actor=counsel, case=restricted, reason="It is known now")

    def test_lifting_opens_it_to_every_case_role(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        access.lift_restriction(actor=senior, case=restricted, reason="It is known now")

        assert sees(moderator, restricted)
        assert verbs_of(restricted)[-1] == "case.restriction_lifted"

    def test_lifting_what_is_not_restricted_is_refused(self, case: Case, senior: User) -> None:
        with pytest.raises(AccessRefused, match="not restricted"):
            access.lift_restriction(actor=senior, case=case, reason="It is known now")

    def test_it_can_be_restricted_again_after_a_lift(self, restricted: Case, senior: User) -> None:
        access.lift_restriction(actor=senior, case=restricted, reason="It is known now")
        access.restrict(actor=senior, case=restricted, reason="It is not")

        assert sees(senior, restricted)
        assert CaseUserAccess.access.filter(content_object=restricted).count() == 1


class TestGrant:
    def test_it_opens_the_case_to_one_person(
        self, restricted: Case, senior: User, moderator: User, other_moderator: User
    ) -> None:
        grant = let_in(senior, restricted, moderator)

        assert sees(moderator, restricted)
        assert not sees(other_moderator, restricted)
        assert grant.granted_by == senior

    def test_it_opens_the_case_to_a_team_as_it_changes(
        self,
        restricted: Case,
        senior: User,
        moderator: User,
        other_moderator: User,
        team: Group,
    ) -> None:
        let_in(senior, restricted, team)
        assert sees(moderator, restricted)
        assert not sees(other_moderator, restricted)

        team.user_set.set([other_moderator])
        assert not sees(moderator, restricted)
        assert sees(other_moderator, restricted)

    def test_it_opens_nothing_after_its_end(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        grant = let_in(senior, restricted, moderator, ends_at=timezone.now() + timedelta(hours=1))
        assert sees(moderator, restricted)
        CaseUserAccess.access.filter(pk=grant.pk).update(ends_at=timezone.now())
        assert not sees(moderator, restricted)

    def test_an_end_in_the_past_is_refused(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        with pytest.raises(AccessRefused, match="past"):
            let_in(senior, restricted, moderator, ends_at=timezone.now())

    @pytest.mark.parametrize("who", ["administrator", "auditor", "stranger"])
    def test_it_is_refused_for_whoever_has_no_role_that_opens_cases(
        self, request: pytest.FixtureRequest, restricted: Case, senior: User, who: str
    ) -> None:
        with pytest.raises(AccessRefused, match="role"):
            let_in(senior, restricted, request.getfixturevalue(who))

    def test_it_is_refused_for_whoever_stepped_away(
        self, case: Case, senior: User, moderator: User
    ) -> None:
        access.recuse(actor=moderator, case=case, reason="A cousin")
        with pytest.raises(AccessRefused, match="stepped away"):
            let_in(senior, case, moderator)

    def test_a_second_grant_is_refused_while_one_stands(
        self, restricted: Case, senior: User, moderator: User, team: Group
    ) -> None:
        for to in (moderator, team):
            let_in(senior, restricted, to)
            with pytest.raises(AccessRefused, match="already"):
                let_in(senior, restricted, to)

    def test_a_second_grant_is_given_after_the_end_of_the_first(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        first = let_in(senior, restricted, moderator)
        access.end_access(actor=senior, grant=first, reason="Done")
        let_in(senior, restricted, moderator)

        assert sees(moderator, restricted)

    def test_somebody_who_was_let_in_lets_nobody_in(
        self, restricted: Case, senior: User, moderator: User, other_moderator: User
    ) -> None:
        let_in(senior, restricted, moderator)
        with pytest.raises(NotAllowed):
            let_in(moderator, restricted, other_moderator)


class TestEnd:
    def test_it_closes_the_case_and_takes_the_lease_back(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        grant = let_in(senior, restricted, moderator)
        leases.take_lease(actor=moderator, case=restricted)
        access.end_access(actor=senior, grant=grant, reason="Done")

        restricted.refresh_from_db()
        assert not sees(moderator, restricted)
        assert restricted.lease_holder is None
        assert "case.access_ended" in verbs_of(restricted)

    def test_it_closes_the_case_to_a_team(
        self, restricted: Case, senior: User, moderator: User, team: Group
    ) -> None:
        grant = let_in(senior, restricted, team)
        access.end_access(actor=senior, grant=grant, reason="Done")

        assert not sees(moderator, restricted)

    def test_it_ends_once(self, restricted: Case, senior: User, moderator: User) -> None:
        grant = let_in(senior, restricted, moderator)
        access.end_access(actor=senior, grant=grant, reason="Done")
        with pytest.raises(AccessRefused, match="ended already"):
            access.end_access(actor=senior, grant=grant, reason="Done")

    def test_the_last_who_can_let_others_in_stays(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        let_in(senior, restricted, moderator)
        own = CaseUserAccess.access.get(user=senior)
        with pytest.raises(AccessRefused, match="Nobody would be left"):
            access.end_access(actor=senior, grant=own, reason="Done")

        assert sees(senior, restricted)

    def test_somebody_whose_grant_ends_by_itself_does_not_count_as_left(
        self, restricted: Case, senior: User, counsel: User
    ) -> None:
        let_in(senior, restricted, counsel, ends_at=timezone.now() + timedelta(days=1))
        own = CaseUserAccess.access.get(user=senior)
        with pytest.raises(AccessRefused, match="Nobody would be left"):
            access.end_access(actor=senior, grant=own, reason="Done")

    def test_the_last_may_go_once_another_stays(
        self, restricted: Case, senior: User, counsel: User
    ) -> None:
        let_in(senior, restricted, counsel)
        access.end_access(actor=senior, grant=CaseUserAccess.access.get(user=senior), reason="Done")

        assert not sees(senior, restricted)
        assert sees(counsel, restricted)

    def test_the_grants_of_somebody_who_leaves_end_with_the_account(
        self, restricted: Case, senior: User, moderator: User, team: Group, administrator: User
    ) -> None:
        grant = let_in(senior, restricted, moderator)
        let_in(senior, restricted, team)
        departures.deactivate(actor=administrator, user=moderator, reason="Left")
        User.objects.filter(pk=moderator.pk).update(is_active=True)
        RoleGrant.objects.create(user=moderator, role="moderator", reason="Back again")

        assert not sees(moderator, restricted)
        grant.refresh_from_db()
        assert grant.ended_by == administrator


class TestTheDatabase:
    """What SQL as the application's role cannot do either."""

    def test_a_grant_is_not_lengthened(
        self, restricted: Case, senior: User, moderator: User
    ) -> None:
        let_in(senior, restricted, moderator, ends_at=timezone.now() + timedelta(hours=1))
        with refused_with("HF012", "lengthened"):
            run_sql("UPDATE cases_caseuseraccess SET ends_at = NULL WHERE ends_at IS NOT NULL")

    def test_a_grant_does_not_move_to_another_case_person_or_team(
        self, restricted: Case, senior: User, moderator: User, team: Group
    ) -> None:
        let_in(senior, restricted, team)
        with refused_with("HF012"):
            run_sql("UPDATE cases_caseuseraccess SET user_id = %s", moderator.pk)
        with refused_with("HF012"):
            run_sql("UPDATE cases_casegroupaccess SET reason = 'Another'")

    @pytest.mark.parametrize(
        "statement", ["DELETE FROM cases_caseuseraccess", "DELETE FROM cases_casegroupaccess"]
    )
    def test_a_grant_is_not_removed(self, restricted: Case, statement: str) -> None:
        with refused_with("42501"):
            run_sql(statement)
