"""The queue as a page: who gets it, what it shows, its partial, its leases, its queries."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.roles import Role
from cases import leases
from cases.models import Case, CaseProfile, Recusal
from tests.cases.builders import make_designation, make_platform, make_profile, open_match_case
from tests.cases.queue_cases import add_cases
from tests.conftest import person

pytestmark = pytest.mark.django_db

QUEUE = reverse("cases:queue")
HTMX = {"HTTP_HX_REQUEST": "true"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]  # any response of the client


def test_a_visitor_is_sent_to_sign_in_and_back() -> None:
    response = Client().get(f"{QUEUE}?kind=match")

    assert response.status_code == 302
    assert response["Location"] == f"{reverse('account_login')}?next=/queue/%3Fkind%3Dmatch"


def test_an_ended_session_tells_htmx_where_to_sign_in() -> None:
    headers = {"HTTP_HX_CURRENT_URL": "http://testserver/queue/?view=mine", **HTMX}

    response = Client().get(QUEUE, **headers)

    assert response.status_code == 401
    assert response["HX-Redirect"] == f"{reverse('account_login')}?next=/queue/%3Fview%3Dmine"


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.MODERATOR, 200),
        (Role.SENIOR_REVIEWER, 200),
        (Role.SANCTIONS_ANALYST, 200),
        (Role.LEGAL_COUNSEL, 200),
        (Role.INTAKE_COORDINATOR, 403),
        (Role.CUSTODIAN, 403),
        (Role.AUDITOR, 403),
        (Role.ADMINISTRATOR, 403),
    ],
)
def test_the_roles_that_read_cases_open_the_queue(role: Role, status: int) -> None:
    assert signed_in(person("Somebody", role)).get(QUEUE).status_code == status


def test_it_groups_by_urgency_and_counts_each_group(moderator: User) -> None:
    now = timezone.now()
    add_cases(2, due_at=now - timedelta(hours=2))
    add_cases(3, due_at=now + timedelta(days=5))

    page = text(signed_in(moderator).get(QUEUE))

    assert "5 open, 2 overdue. You hold no lease." in page
    assert page.index("Overdue") < page.index("Later")
    assert "Due today" not in page
    assert page.count("data-case=") == 5


def test_a_row_says_who_why_and_which_holds_stand(moderator: User) -> None:
    profile = make_profile(make_platform(name="Relay"), handle="akhmat_sila", reach=1_500_000)
    case = open_match_case(profile, make_designation(entry_key="23343"))

    page = text(signed_in(moderator).get(QUEUE))

    assert case.label in page
    assert "@akhmat_sila" in page
    assert "Relay, 1.5M followers" in page
    assert "KADYROV, Ramzan Akhmatovich · 0.91" in page
    assert "OFAC 23343" in page
    assert "None yet" in page


def test_htmx_gets_the_table_alone_and_the_address_to_keep(moderator: User) -> None:
    add_cases(1, kind=Case.Kind.NETWORK)
    add_cases(2)

    response = signed_in(moderator).get(f"{QUEUE}?kind=network&find=&reach=0", **HTMX)
    part = text(response)

    assert "<html" not in part
    assert part.count("data-case=") == 1
    assert '<div id="live" hx-swap-oob="innerHTML">1 case found.</div>' in part
    assert response["HX-Push-Url"] == f"{QUEUE}?kind=network"
    assert "HX-Request" in response["Vary"]


def test_pages_link_to_each_other_and_keep_the_filters(moderator: User) -> None:
    add_cases(60, kind=Case.Kind.NETWORK)
    client = signed_in(moderator)

    first = client.get(f"{QUEUE}?kind=network")
    second = client.get(first.context["next_url"])

    assert "kind=network" in first.context["next_url"]
    assert first.context["previous_url"] is None
    assert text(second).count("data-case=") == 10
    assert second.context["next_url"] is None
    assert client.get(second.context["previous_url"]).content.count(b"data-case=") == 50


def test_a_broken_page_address_is_a_bad_request(moderator: User) -> None:
    assert signed_in(moderator).get(f"{QUEUE}?after=nonsense").status_code == 400


def test_the_page_is_kept_in_no_browser_cache(moderator: User) -> None:
    assert signed_in(moderator).get(QUEUE)["Cache-Control"] == "no-store"


def test_the_number_of_queries_does_not_depend_on_the_number_of_cases(senior: User) -> None:
    platform, designation = make_platform(), make_designation()
    client = signed_in(senior)

    def queries_for(cases: int) -> int:
        while Case.objects.count() < cases:
            open_match_case(make_profile(platform), designation)
        client.get(QUEUE)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(QUEUE).status_code == 200
        return len(captured)

    assert queries_for(5) == queries_for(50)


def test_filters_say_how_many_open_cases_each_value_has(moderator: User) -> None:
    relay = make_platform(slug="relay", name="Relay")
    case = open_match_case(make_profile(relay, reach=200_000))
    CaseProfile.objects.create(case=case, profile=make_profile(relay), is_primary=False)
    add_cases(2, kind=Case.Kind.NETWORK, reach=2_000_000)

    facets = {
        facet.name: {option.value: option.count for option in facet.options}
        for facet in signed_in(moderator).get(QUEUE).context["facets"]
    }

    assert facets["kind"]["match"] == 1
    assert facets["kind"]["network"] == 2
    assert "report" not in facets["kind"]
    assert facets["reach"] == {"0": 3, "100000": 3, "1000000": 2}
    assert facets["platform"] == {"relay": 1}
    assert facets["holds"] == {"none": 3, "some": 0}
    assert facets["lease"] == {"free": 3, "mine": 0, "others": 0}


def test_start_reviewing_takes_the_first_free_case_of_the_filtered_queue(
    moderator: User, other_moderator: User
) -> None:
    add_cases(1)
    taken, free, _later = add_cases(3, kind=Case.Kind.NETWORK)
    leases.take_lease(actor=other_moderator, case=taken)

    response = signed_in(moderator).post(f"{reverse('cases:claim_next')}?kind=network")

    assert response["Location"] == reverse("cases:case", args=[free.pk])
    free.refresh_from_db()
    assert free.lease_holder == moderator


def test_start_reviewing_says_when_nothing_is_free(moderator: User) -> None:
    response = signed_in(moderator).post(f"{reverse('cases:claim_next')}?kind=network", follow=True)

    assert "No free case is left here." in text(response)
    assert response.redirect_chain == [(f"{QUEUE}?kind=network", 302)]


def test_a_lease_taken_from_the_row_answers_its_own_cell(moderator: User) -> None:
    case = add_cases(1)[0]
    url = reverse("cases:take_lease", args=[case.pk])

    response = signed_in(moderator).post(url, HTTP_HX_TARGET=f"lease-{case.pk}", **HTMX)

    assert text(response).startswith(f'<td id="lease-{case.pk}">')
    assert "Release" in text(response)
    assert json.loads(response["HX-Trigger"])["announce"].startswith(f"You hold {case.label}")


def test_a_lease_of_somebody_else_is_refused_with_their_name(
    moderator: User, other_moderator: User
) -> None:
    case = add_cases(1)[0]
    leases.take_lease(actor=other_moderator, case=case)

    response = signed_in(moderator).post(
        reverse("cases:take_lease", args=[case.pk]), HTTP_HX_TARGET=f"lease-{case.pk}", **HTMX
    )

    assert response.status_code == 409
    assert response["HX-Retarget"] == "#notice"
    assert "Jonas Amsel holds this case until" in text(response)


def test_a_lease_is_given_back_and_the_reader_returns_where_they_were(moderator: User) -> None:
    case = add_cases(1)[0]
    leases.take_lease(actor=moderator, case=case)
    url = reverse("cases:release_lease", args=[case.pk])

    response = signed_in(moderator).post(url, {"next": f"{QUEUE}?view=mine"})

    case.refresh_from_db()
    assert case.lease_holder is None
    assert response["Location"] == f"{QUEUE}?view=mine"


def test_an_address_of_another_site_is_not_followed(moderator: User) -> None:
    case = add_cases(1)[0]
    url = reverse("cases:take_lease", args=[case.pk])

    response = signed_in(moderator).post(url, {"next": "https://elsewhere.example/"})

    assert response["Location"] == QUEUE


def test_a_hidden_case_cannot_be_leased(moderator: User) -> None:
    case = add_cases(1)[0]
    Recusal.objects.create(case=case, user=moderator, reason="A cousin")

    response = signed_in(moderator).post(reverse("cases:take_lease", args=[case.pk]))

    assert response.status_code == 404


def test_leases_and_claims_are_never_a_get(moderator: User) -> None:
    case = add_cases(1)[0]
    client = signed_in(moderator)

    for url in (
        reverse("cases:claim_next"),
        reverse("cases:take_leases"),
        reverse("cases:take_lease", args=[case.pk]),
        reverse("cases:release_lease", args=[case.pk]),
    ):
        assert client.get(url).status_code == 405


def test_several_leases_are_taken_one_by_one_and_each_is_reported(
    senior: User, moderator: User
) -> None:
    first, held, second = add_cases(3)
    hidden = add_cases(1, is_restricted=True)[0]
    leases.take_lease(actor=moderator, case=held)

    response = signed_in(senior).post(
        reverse("cases:take_leases"),
        {"case": [first.pk, held.pk, second.pk, hidden.pk, "x"]},
        follow=True,
    )
    page = text(response)

    assert f"2 leases taken: {first.label}, {second.label}." in page
    assert f"{held.label}: Mira Holt holds this case until" in page
    assert hidden.label not in page
    assert AuditEvent.objects.filter(verb="refused", actor_user=senior).count() == 1


def test_several_leases_at_once_take_a_senior_reviewer(moderator: User) -> None:
    case = add_cases(1)[0]

    response = signed_in(moderator).post(reverse("cases:take_leases"), {"case": [case.pk]})

    assert response.status_code == 403
    case.refresh_from_db()
    assert case.lease_holder is None


def test_who_may_not_work_cases_is_offered_no_lease(analyst: User) -> None:
    case = add_cases(1)[0]
    client = signed_in(analyst)

    page = text(client.get(QUEUE))

    assert "Start reviewing" not in page
    assert "data-lease" not in page
    assert 'name="case"' not in page
    assert client.post(reverse("cases:take_lease", args=[case.pk])).status_code == 403
    assert client.post(reverse("cases:claim_next")).status_code == 403
