"""The panel on the case page: who may open the case, and what this reader may change about it."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from cases import access
from cases.models import Case, CaseGroupAccess, CaseUserAccess, Recusal
from tests.cases.builders import open_match_case
from tests.cases.pages import address, page
from tests.conftest import person, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db: None) -> Case:
    return open_match_case()


def to(name: str, case: Case, *keys: int) -> str:
    return reverse(f"cases:{name}", args=[case.pk, *keys])


def test_a_senior_restricts_lets_in_ends_and_lifts(
    client: Client, case: Case, senior: User, moderator: User
) -> None:
    sign_in(client, senior)
    client.post(to("restrict", case), {"reason": "A public figure"})
    sent = {"email": moderator.email, "reason": "Knows it", "ends_on": "2199-01-31"}
    client.post(to("grant_access", case), sent)
    grant = CaseUserAccess.access.get(user=moderator)
    assert grant.ends_at is not None
    assert f"{grant.ends_at:%Y-%m-%d %H:%M}" == "2199-02-01 00:00"
    ending = to("end_access", case, grant.pk)
    assert ending in client.get(address(case)).content.decode()

    client.post(ending, {"reason": "Done"})
    assert ending not in client.get(address(case)).content.decode()
    client.post(to("lift_restriction", case), {"reason": "It is known now"})
    case.refresh_from_db()
    assert not case.is_restricted


def test_a_team_is_let_in_and_out(client: Client, case: Case, senior: User) -> None:
    team = Group.objects.create(name="Elections")
    sign_in(client, senior)
    client.post(to("grant_access", case), {"team": team.pk, "reason": "Know it"})
    grant = CaseGroupAccess.access.get(group=team)
    client.post(to("end_team_access", case, grant.pk), {"reason": "Done"})

    grant.refresh_from_db()
    assert grant.ended_by == senior


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"reason": "Knows it"}, "Name one person or one team."),
        ({"email": "no@desk.example", "reason": "Knows it"}, "Nobody here has this address."),
        ({"email": "mira.holt@desk.example"}, "required"),
    ],
)
def test_an_incomplete_grant_lets_nobody_in_and_says_why(
    client: Client, case: Case, senior: User, moderator: User, sent: dict[str, str], said: str
) -> None:
    sign_in(client, senior)
    response = client.post(to("grant_access", case), sent)

    assert response.status_code == 422
    html = response.content.decode()
    assert said in html
    assert all(typed in html for typed in sent.values())
    assert not CaseUserAccess.access.exists()


def test_a_second_grant_is_refused_in_the_form(
    client: Client, case: Case, senior: User, moderator: User
) -> None:
    sign_in(client, senior)
    sent = {"email": moderator.email, "reason": "Knows it"}
    assert client.post(to("grant_access", case), sent).status_code == 302
    response = client.post(to("grant_access", case), {**sent, "reason": "Knows it well"})

    assert response.status_code == 422
    html = response.content.decode()
    assert "has a grant already" in html
    assert "Knows it well" in html


def test_who_steps_away_comes_to_the_queue_and_finds_no_case(
    client: Client, case: Case, moderator: User
) -> None:
    sign_in(client, moderator)
    response = client.post(to("recuse", case), {"reason": "A cousin"}, follow=True)

    assert response.redirect_chain[-1][0] == reverse("cases:queue")
    assert client.get(address(case)).status_code == 404


def test_a_senior_reads_who_stepped_away_and_lets_them_back_in(
    client: Client, case: Case, senior: User, moderator: User
) -> None:
    recusal = access.recuse(actor=moderator, case=case, reason="A cousin of mine")
    sign_in(client, senior)
    assert "A cousin of mine" in client.get(address(case)).content.decode()

    client.post(to("end_recusal", case, recusal.pk), {"reason": "It was another person"})
    assert not Recusal.objects.standing().exists()


def test_a_moderator_reads_no_reason_of_a_recusal_and_finds_nothing_to_manage(
    client: Client, case: Case, moderator: User, other_moderator: User
) -> None:
    access.recuse(actor=other_moderator, case=case, reason="A cousin of mine")
    html = page(client, moderator, case)

    assert "A cousin of mine" not in html
    assert to("restrict", case) not in html
    assert to("grant_access", case) not in html
    assert to("recuse", case) in html


def test_ending_ones_own_grant_leads_to_the_queue(
    client: Client, case: Case, senior: User, counsel: User
) -> None:
    access.restrict(actor=senior, case=case, reason="A public figure")
    access.grant_access(actor=senior, case=case, to=counsel, reason="Takes over")
    sign_in(client, senior)
    own = CaseUserAccess.access.get(user=senior)
    response = client.post(to("end_access", case, own.pk), {"reason": "Done"})

    assert response["Location"] == reverse("cases:queue")


def test_the_panel_asks_the_same_number_of_questions_for_many_grants(
    client: Client, case: Case, senior: User
) -> None:
    access.restrict(actor=senior, case=case, reason="A public figure")
    client.force_login(senior)
    client.get(address(case))
    asked = []
    for number in range(3):
        colleague = person(f"Colleague {number}", "moderator")
        team = Group.objects.create(name=f"Team {number}")
        for receiver in (colleague, team):
            access.grant_access(actor=senior, case=case, to=receiver, reason="Knows it")
        leaver = person(f"Leaver {number}", "moderator")
        access.grant_access(actor=senior, case=case, to=leaver, reason="Knows it")
        access.recuse(actor=leaver, case=case, reason="A cousin")
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address(case)).status_code == 200
        asked.append(len(caught))
    assert len(set(asked)) == 1
