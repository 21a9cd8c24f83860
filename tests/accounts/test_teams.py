"""Teams: made and filled by administrators, one event for each change."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import people, teams
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from accounts.teams import TeamRefused
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team(administrator: User) -> Group:
    return teams.create(actor=administrator, name="Elections")


def join(actor: User, team: Group, user: User) -> None:
    teams.add_member(actor=actor, team=team, user=user, reason="Speaks the language")


def test_a_member_joins_and_leaves_on_record(
    team: Group, administrator: User, moderator: User
) -> None:
    join(administrator, team, moderator)
    assert team.user_set.get() == moderator

    teams.remove_member(actor=administrator, team=team, user=moderator, reason="Moved on")
    assert not team.user_set.exists()
    about = AuditEvent.objects.about(f"group:{team.pk}").order_by("pk")
    assert list(about.values_list("verb", "reason")) == [
        ("create_team", ""),
        ("add_team_member", "Speaks the language"),
        ("remove_team_member", "Moved on"),
    ]


def test_a_team_gives_no_permission(team: Group, administrator: User, stranger: User) -> None:
    join(administrator, team, stranger)

    assert User.objects.get(pk=stranger.pk).desk_permissions == frozenset()


@pytest.mark.parametrize("who", ["moderator", "senior", "auditor", "stranger"])
def test_only_administrators_look_after_teams(
    request: pytest.FixtureRequest, team: Group, who: str, other_moderator: User
) -> None:
    actor = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        teams.create(actor=actor, name="Another")
    with pytest.raises(NotAllowed):
        join(actor, team, other_moderator)
    with pytest.raises(NotAllowed):
        teams.remove_member(actor=actor, team=team, user=other_moderator, reason="Moved on")


def test_nobody_puts_themselves_into_a_team(team: Group, administrator: User) -> None:
    with pytest.raises(NotAllowed, match="themselves"):
        join(administrator, team, administrator)


def test_a_closed_account_joins_none(team: Group, administrator: User, moderator: User) -> None:
    people.deactivate(actor=administrator, user=moderator, reason="Left")
    with pytest.raises(TeamRefused, match="closed"):
        join(administrator, team, moderator)


def test_a_closed_account_leaves_every_team(
    team: Group, administrator: User, moderator: User
) -> None:
    join(administrator, team, moderator)
    people.deactivate(actor=administrator, user=moderator, reason="Left")

    assert not moderator.groups.exists()
    assert AuditEvent.objects.filter(verb="remove_team_member", reason="Left").exists()


@pytest.mark.parametrize("name", ["", "   ", "elections", " Elections "])
def test_a_name_is_there_and_free(team: Group, administrator: User, name: str) -> None:
    with pytest.raises(TeamRefused):
        teams.create(actor=administrator, name=name)


def test_a_member_joins_once_and_leaves_once(
    team: Group, administrator: User, moderator: User
) -> None:
    join(administrator, team, moderator)
    with pytest.raises(TeamRefused, match="already"):
        join(administrator, team, moderator)

    teams.remove_member(actor=administrator, team=team, user=moderator, reason="Moved on")
    with pytest.raises(TeamRefused, match="not in"):
        teams.remove_member(actor=administrator, team=team, user=moderator, reason="Moved on")


class TestThePage:
    def test_an_administrator_makes_a_team_and_fills_it(
        self, client: Client, administrator: User, moderator: User
    ) -> None:
        sign_in(client, administrator)
        client.post(reverse("accounts:teams"), {"name": "Elections"})
        team = Group.objects.get()
        sent = {"email": moderator.email.upper(), "reason": "Speaks the language"}
        client.post(reverse("accounts:add_team_member", args=[team.pk]), sent)

        html = client.get(reverse("accounts:teams")).content.decode()
        assert "Elections" in html
        assert moderator.email in html

    def test_a_refusal_keeps_the_form(
        self, client: Client, administrator: User, team: Group
    ) -> None:
        sign_in(client, administrator)
        response = client.post(reverse("accounts:teams"), {"name": "Elections"})

        assert response.status_code == 422
        assert "already" in response.content.decode()

    def test_an_unknown_address_is_said(
        self, client: Client, administrator: User, team: Group
    ) -> None:
        sign_in(client, administrator)
        sent = {"email": "nobody@desk.example", "reason": "Speaks the language"}
        response = client.post(reverse("accounts:add_team_member", args=[team.pk]), sent)

        assert "Nobody here has this address." in response.content.decode()
        assert not team.user_set.exists()

    def test_taking_somebody_out_who_is_in_another_team_is_not_there(
        self, client: Client, administrator: User, moderator: User, team: Group
    ) -> None:
        sign_in(client, administrator)
        where = reverse("accounts:remove_team_member", args=[team.pk, moderator.pk])

        assert client.post(where, {"reason": "Moved on"}).status_code == 404

    @pytest.mark.parametrize("who", ["senior", "auditor", "stranger"])
    def test_only_an_administrator_takes_somebody_out(
        self,
        request: pytest.FixtureRequest,
        client: Client,
        administrator: User,
        moderator: User,
        team: Group,
        who: str,
    ) -> None:
        join(administrator, team, moderator)
        where = reverse("accounts:remove_team_member", args=[team.pk, moderator.pk])
        sign_in(client, request.getfixturevalue(who))
        assert client.post(where, {"reason": "Moved on"}).status_code == 403

        sign_in(client, administrator)
        assert client.post(where, {"reason": "Moved on"}).status_code == 302
        assert not team.user_set.exists()

    def test_the_page_asks_the_same_number_of_questions_for_many_teams(
        self, client: Client, administrator: User, moderator: User
    ) -> None:
        sign_in(client, administrator)
        asked = []
        for name in ("One", "Two", "Three"):
            join(administrator, teams.create(actor=administrator, name=name), moderator)
            asked.append(_queries_of(client))
        assert len(set(asked)) == 1


def _queries_of(client: Client) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(reverse("accounts:teams")).status_code == 200
    return len(caught)
