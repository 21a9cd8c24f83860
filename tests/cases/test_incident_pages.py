"""Incidents: who sees one, what its page tells, and how it is closed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import PIPELINE
from accounts.models import AuditEvent, User
from cases import opening
from cases.incidents import account_of
from cases.models import Recusal
from platforms.models import Incident, Profile
from tests.cases.builders import held_profile

pytestmark = pytest.mark.django_db

INCIDENTS = reverse("cases:incidents")


def make_incident(profile: Profile, **fields: object) -> Incident:
    now = timezone.now()
    defaults = {
        "kind": Incident.Kind.DRIFT,
        "began_at": now - timedelta(hours=2, seconds=30),
        "seen_at": now - timedelta(hours=1),
        "reach_at_seen": 1000,
    }
    return Incident.objects.create(profile=profile, **{**defaults, **fields})


def contained(profile: Profile) -> Incident:
    return make_incident(
        profile,
        state=Incident.State.CONTAINED,
        contained_at=timezone.now(),
    )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(incident: Incident) -> str:
    return reverse("cases:incident", args=[incident.pk])


def close_url(incident: Incident) -> str:
    return reverse("cases:close_incident", args=[incident.pk])


def test_the_list_has_what_wants_a_person_and_all_on_demand(moderator: User) -> None:
    profile = held_profile(moderator)
    waiting = contained(profile)
    closed = make_incident(
        profile,
        state=Incident.State.CLOSED,
        cause="A tool",
        closed_by=moderator,
        contained_at=timezone.now(),
        closed_at=timezone.now(),
    )
    client = client_of(moderator)

    first = client.get(INCIDENTS).content.decode()
    everything = client.get(f"{INCIDENTS}?show=all").content.decode()

    assert waiting.number in first
    assert closed.number not in first
    assert waiting.number in everything
    assert closed.number in everything


def test_its_page_says_how_long_how_far_and_which_holds_stood(moderator: User) -> None:
    incident = contained(held_profile(moderator, handle="kadyrov_95"))

    story = account_of(incident)
    page = client_of(moderator).get(page_of(incident)).content.decode()

    assert story.found_after.total_seconds() == pytest.approx(3600, abs=60)
    assert story.exposure.total_seconds() == pytest.approx(2 * 3600, abs=60)
    assert story.person_hours == pytest.approx(2000, abs=20)
    assert story.standing == 1
    assert "@kadyrov_95 was up while 1 hold stood" in page
    assert story.holds[0].title in page
    assert "2 h" in page.replace("\u00a0", " ")


def test_a_hold_placed_after_it_was_over_did_not_stand(moderator: User) -> None:
    profile = held_profile(moderator)
    incident = make_incident(
        profile,
        state=Incident.State.CONTAINED,
        began_at=timezone.now() - timedelta(days=3),
        contained_at=timezone.now() - timedelta(days=2),
    )

    assert account_of(incident).holds == []


def test_an_incident_that_used_up_its_standing_approval_says_so(moderator: User) -> None:
    incident = make_incident(held_profile(moderator), needs_people=True)
    client = client_of(moderator)

    assert "Needs people" in client.get(page_of(incident)).content.decode()
    assert "Standing approval is used up" in client.get(INCIDENTS).content.decode()


def test_a_senior_closes_it_with_its_cause(moderator: User, senior: User) -> None:
    incident = contained(held_profile(moderator))

    response = client_of(senior).post(
        close_url(incident), {"cause": "The appeals tool writes by itself."}, follow=True
    )

    incident.refresh_from_db()
    assert incident.state == Incident.State.CLOSED
    assert incident.closed_by == senior
    assert "The appeals tool writes by itself." in response.content.decode()
    assert AuditEvent.objects.filter(verb="incident.closed", actor_user=senior).exists()


def test_one_that_is_still_up_stays_open_and_keeps_what_was_typed(
    moderator: User, senior: User
) -> None:
    incident = make_incident(held_profile(moderator))

    response = client_of(senior).post(close_url(incident), {"cause": "Typed with care"})

    incident.refresh_from_db()
    assert response.status_code == 409
    assert incident.state == Incident.State.OPEN
    assert "Typed with care" in response.content.decode()


def test_a_moderator_does_not_close_it(moderator: User) -> None:
    incident = contained(held_profile(moderator))
    client = client_of(moderator)

    response = client.post(close_url(incident), {"cause": "A tool"})

    incident.refresh_from_db()
    assert response.status_code == 403
    assert incident.state == Incident.State.CONTAINED
    assert 'aria-disabled="true"' in client.get(page_of(incident)).content.decode()


def test_an_incident_of_a_case_that_is_closed_to_the_reader_is_not_there(
    moderator: User, senior: User
) -> None:
    incident = contained(held_profile(moderator))
    case = opening.open_for_incident(actor=PIPELINE, incident=incident)
    Recusal.objects.create(case=case, user=senior, reason="A cousin")
    client = client_of(senior)

    assert client.get(page_of(incident)).status_code == 404
    assert client.post(close_url(incident), {"cause": "A tool"}).status_code == 404
    assert incident.number not in client.get(INCIDENTS).content.decode()
    assert case.label in client_of(moderator).get(page_of(incident)).content.decode()


def test_roles_outside_the_desk_are_refused(administrator: User, moderator: User) -> None:
    incident = contained(held_profile(moderator))
    client = client_of(administrator)

    assert client.get(INCIDENTS).status_code == 403
    assert client.get(page_of(incident)).status_code == 403
    assert client.post(close_url(incident), {"cause": "x"}).status_code == 404


def test_the_number_of_queries_does_not_depend_on_the_number_of_incidents(
    moderator: User,
) -> None:
    profile = held_profile(moderator)
    client = client_of(moderator)

    def queries_for(count: int) -> int:
        while Incident.objects.count() < count:
            contained(profile)
        client.get(INCIDENTS)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(INCIDENTS).status_code == 200
        return len(captured)

    assert queries_for(2) == queries_for(20)
