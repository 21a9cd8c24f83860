"""A restricted case whose last manager of access has gone gets a keeper, by name and on record."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import grants, teams
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from cases import access, departures
from cases.models import Case
from cases.refusals import AccessRefused
from tests.cases.builders import open_match_case
from tests.conftest import person, sign_in

pytestmark = pytest.mark.django_db
PAGE = reverse("cases:keepers")


@pytest.fixture
def case(senior: User) -> Case:
    """Restricted, and kept by the senior reviewer alone."""
    return access.restrict(actor=senior, case=open_match_case(), reason="A public figure")


@pytest.fixture
def orphan(case: Case, senior: User, administrator: User) -> Case:
    departures.deactivate(actor=administrator, user=senior, reason="Left")
    return case


def waiting() -> list[Case]:
    return list(Case.objects.waiting_for_keeper())


def sees(user: User, case: Case) -> bool:
    again = User.objects.get(pk=user.pk)
    return Case.objects.visible_to(again).filter(pk=case.pk).exists()


def test_a_case_with_a_keeper_waits_for_none(case: Case) -> None:
    open_match_case()
    assert waiting() == []


def test_it_loses_its_keeper_with_the_account(orphan: Case) -> None:
    assert waiting() == [orphan]


def test_it_loses_its_keeper_with_the_role(case: Case, senior: User, administrator: User) -> None:
    grants.end(actor=administrator, grant=senior.role_grants.get(), reason="Moves on")
    assert waiting() == [case]


def test_it_loses_its_keeper_on_the_day_the_role_ends(case: Case, senior: User) -> None:
    senior.role_grants.update(ends_at=timezone.now())
    assert waiting() == [case]


def test_it_loses_its_keeper_with_the_team(
    case: Case, senior: User, counsel: User, administrator: User
) -> None:
    team = Group.objects.create(name="Elections")
    team.user_set.add(counsel)
    access.grant_access(actor=senior, case=case, to=team, reason="Know it")
    departures.deactivate(actor=administrator, user=senior, reason="Left")
    assert waiting() == []
    teams.remove_member(actor=administrator, team=team, user=counsel, reason="Moves on")
    assert waiting() == [case]


def test_a_grant_with_an_end_makes_no_keeper(
    case: Case, senior: User, counsel: User, administrator: User
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    access.grant_access(actor=senior, case=case, to=counsel, reason="Helps", ends_at=tomorrow)
    departures.deactivate(actor=administrator, user=senior, reason="Left")
    assert waiting() == [case]


def test_the_case_of_a_report_is_known_to_its_grants_alone(db: None) -> None:
    case = Case.objects.create(
        kind=Case.Kind.REPORT,
        question="Is it theirs?",
        opened_because="A report",
        due_at=timezone.now(),
        is_restricted=True,
    )
    assert case in Case.objects.without_keeper()
    assert waiting() == []


def test_who_is_named_opens_it_and_lets_others_in(
    orphan: Case, administrator: User, counsel: User, moderator: User
) -> None:
    access.name_keeper(actor=administrator, case=orphan, to=counsel, reason="Knows the law")
    assert sees(counsel, orphan)
    access.grant_access(actor=counsel, case=orphan, to=moderator, reason="Works it")
    assert sees(moderator, orphan)
    event = AuditEvent.objects.get(verb="case.keeper_named")
    assert (event.actor_user, event.reason) == (administrator, "Knows the law")
    assert event.changes["to"] == f"user:{counsel.pk}"


def test_who_names_a_keeper_opens_nothing(orphan: Case, administrator: User, counsel: User) -> None:
    access.name_keeper(actor=administrator, case=orphan, to=counsel, reason="Knows the law")
    assert not sees(administrator, orphan)


def test_nobody_is_named_while_there_is_a_keeper(
    case: Case, administrator: User, counsel: User
) -> None:
    with pytest.raises(AccessRefused, match="has a keeper"):
        access.name_keeper(actor=administrator, case=case, to=counsel, reason="Wants it")
    assert not sees(counsel, case)


def test_a_second_name_comes_too_late(orphan: Case, administrator: User, counsel: User) -> None:
    access.name_keeper(actor=administrator, case=orphan, to=counsel, reason="Knows the law")
    other = person("Late Reviewer", Role.SENIOR_REVIEWER)
    with pytest.raises(AccessRefused):
        access.name_keeper(actor=administrator, case=orphan, to=other, reason="Wants it too")


@pytest.mark.parametrize("who", ["moderator", "auditor", "administrator"])
def test_a_keeper_is_somebody_whose_role_says_who_opens_cases(
    request: pytest.FixtureRequest, orphan: Case, administrator: User, who: str
) -> None:
    with pytest.raises(AccessRefused, match="Choose a senior reviewer or counsel"):
        access.name_keeper(
            actor=administrator, case=orphan, to=request.getfixturevalue(who), reason="x"
        )


def test_whoever_stepped_away_becomes_no_keeper(
    administrator: User, senior: User, counsel: User
) -> None:
    case = open_match_case()
    access.recuse(actor=counsel, case=case, reason="A cousin")
    access.restrict(actor=senior, case=case, reason="A public figure")
    departures.deactivate(actor=administrator, user=senior, reason="Left")
    with pytest.raises(AccessRefused, match="stepped away"):
        access.name_keeper(actor=administrator, case=case, to=counsel, reason="x")


@pytest.mark.parametrize("who", ["moderator", "counsel", "auditor"])
def test_only_administrators_name_one(
    request: pytest.FixtureRequest, orphan: Case, counsel: User, who: str
) -> None:
    with pytest.raises(NotAllowed):
        access.name_keeper(
            actor=request.getfixturevalue(who), case=orphan, to=counsel, reason="Mine"
        )


def test_an_administrator_finds_it_on_the_roles_page_and_names_one(
    client: Client, orphan: Case, administrator: User, counsel: User
) -> None:
    sign_in(client, administrator)
    assert "Cases without a keeper, 1" in client.get(reverse("accounts:roles")).content.decode()
    html = client.get(PAGE).content.decode()
    assert orphan.label in html
    assert orphan.question not in html

    sent = {"case": orphan.pk, "keeper": counsel.pk, "reason": ""}
    assert client.post(PAGE, sent).status_code == 422
    assert client.post(PAGE, sent | {"reason": "Knows the law"}).status_code == 302
    assert sees(counsel, orphan)
    assert "Every restricted case has a keeper" in client.get(PAGE).content.decode()
