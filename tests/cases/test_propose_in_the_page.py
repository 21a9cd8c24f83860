"""Send a decision from the bar: what is kept, refused and shown, with htmx and without."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from cases import leases, notes
from cases.models import Case, Decision
from platforms.models import Incident
from tests.cases.builders import (
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    policy,
)
from tests.cases.pages import HTMX, address, text_of

pytestmark = pytest.mark.django_db


def sent(case: Case, outcome: str = "suspend", **fields: object) -> dict[str, object]:
    case.refresh_from_db()
    return {
        "outcome": outcome,
        "basis": policy().pk,
        "designations": [designation.pk for designation in case.designations.all()],
        "reason": "Same name and birth date.",
        "based_on": case.version,
        **fields,
    }


def to(case: Case) -> str:
    return reverse("cases:propose_decision", args=[case.pk])


@pytest.fixture
def leased(client: Client, moderator: User) -> Case:
    """A case of modest reach that the signed-in moderator holds."""
    case = open_match_case()
    leases.take_lease(actor=moderator, case=case)
    client.force_login(moderator)
    return case


def test_it_puts_the_decision_on_record(client: Client, leased: Case) -> None:
    response = client.post(to(leased), sent(leased))

    decision = leased.decisions.get()
    assert response.status_code == 302
    assert decision.outcome == Decision.Outcome.SUSPEND
    assert decision.policy == policy()
    assert list(decision.designations.all()) == list(leased.designations.all())
    assert leased.profiles.get().holds.standing().count() == 1


def test_it_goes_on_with_the_next_case_under_a_lease(
    client: Client, leased: Case, moderator: User
) -> None:
    following = open_match_case()

    response = client.post(to(leased), sent(leased, "need_more"))

    following.refresh_from_db()
    assert response["Location"] == address(following)
    assert following.lease_holder == moderator


def test_it_goes_back_to_the_queue_when_nothing_is_left(client: Client, leased: Case) -> None:
    response = client.post(to(leased), sent(leased), follow=True)

    assert response.redirect_chain[-1][0] == reverse("cases:queue")
    assert "No undecided case is free." in text_of(response.content.decode())


def test_htmx_is_told_where_to_go(client: Client, leased: Case) -> None:
    response = client.post(to(leased), sent(leased), headers=HTMX)

    assert response.status_code == 200
    assert response["HX-Redirect"] == reverse("cases:queue")


def test_it_gives_the_lease_back_when_more_is_needed(client: Client, leased: Case) -> None:
    client.post(to(leased), sent(leased, "need_more"))

    leased.refresh_from_db()
    assert leased.state == Case.State.WAITING
    assert leased.lease_holder is None


def test_several_designations_are_chosen_one_by_one(client: Client, moderator: User) -> None:
    profile = make_profile()
    case = open_match_case(profile)
    second = make_designation("Another entry")
    make_match(profile, second)
    case.case_designations.create(designation=second)
    leases.take_lease(actor=moderator, case=case)
    client.force_login(moderator)

    client.post(to(case), sent(case, designations=[second.pk]))

    assert list(case.decisions.get().designations.all()) == [second]
    assert profile.holds.get().entry_key == second.entry_key


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"reason": " "}, "A decision needs its reasons"),
        ({"basis": ""}, "needs the policy it rests on"),
        ({"designations": []}, "Say which of this case"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    client: Client, leased: Case, fields: dict[str, object], says: str
) -> None:
    response = client.post(to(leased), sent(leased, **fields), headers=HTMX | TO_THE_BAR)

    html = response.content.decode()
    assert response.status_code == 422
    assert says in text_of(html)
    assert html.startswith("{#") is False
    assert html.count("<section") == 1
    assert 'value="suspend" required checked' in html
    assert not leased.decisions.exists()


TO_THE_BAR = {"HX-Target": "decision"}


def test_a_designation_of_another_case_is_none_to_choose(client: Client, leased: Case) -> None:
    stranger = make_designation("Someone else")

    response = client.post(to(leased), sent(leased, designations=[stranger.pk]))

    assert response.status_code == 422
    assert not leased.decisions.exists()


class TestAPageThatIsOutOfDate:
    def moved(self, case: Case, moderator: User) -> dict[str, object]:
        """What an old page would send after another match joined the case."""
        form = sent(case, reason="Kept <b>words</b>")
        Case.objects.filter(pk=case.pk).update(version=case.version + 1)
        return form

    def test_htmx_gets_the_change_and_the_version_to_go_on_from(
        self, client: Client, leased: Case, moderator: User
    ) -> None:
        response = client.post(to(leased), self.moved(leased, moderator), headers=HTMX)

        leased.refresh_from_db()
        html = response.content.decode()
        assert response.status_code == 409
        assert response["HX-Retarget"] == "#notice"
        assert "This case changed while you had it open" in html
        assert f'id="based-on" value="{leased.version}" hx-swap-oob="true"' in html
        assert not leased.decisions.exists()

    def test_a_browser_without_scripts_gets_back_what_was_typed(
        self, client: Client, leased: Case, moderator: User
    ) -> None:
        response = client.post(to(leased), self.moved(leased, moderator))

        html = response.content.decode()
        assert response.status_code == 409
        assert "Kept &lt;b&gt;words&lt;/b&gt;" in html
        assert address(leased) in html

    def test_it_is_on_record(self, client: Client, leased: Case, moderator: User) -> None:
        client.post(to(leased), self.moved(leased, moderator))

        event = AuditEvent.objects.get(verb="refused")
        assert event.changes["rule"] == "stale_page"
        assert event.object_id == str(leased.pk)

    def test_a_page_that_does_not_say_its_version_is_out_of_date(
        self, client: Client, leased: Case
    ) -> None:
        form = sent(leased)
        del form["based_on"]

        assert client.post(to(leased), form).status_code == 409
        assert not leased.decisions.exists()

    def test_a_note_makes_no_page_old(self, client: Client, leased: Case, moderator: User) -> None:
        form = sent(leased)
        notes.add_note(actor=moderator, case=leased, text="Look at the links.")

        assert client.post(to(leased), form).status_code == 302


def test_the_second_click_changes_nothing(client: Client, leased: Case) -> None:
    form = sent(leased)

    first = client.post(to(leased), form)
    second = client.post(to(leased), form)

    assert first.status_code == 302
    assert second.status_code == 409
    assert leased.decisions.count() == 1


def test_it_takes_a_lease(client: Client, moderator: User) -> None:
    case = open_match_case()
    client.force_login(moderator)

    response = client.post(to(case), sent(case))

    assert response.status_code == 409
    assert "You hold no lease on this case" in text_of(response.content.decode())


def test_an_analyst_is_refused(client: Client, analyst: User) -> None:
    case = open_match_case()
    client.force_login(analyst)

    assert client.post(to(case), sent(case)).status_code == 403
    assert AuditEvent.objects.filter(verb="refused", object_id=str(case.pk)).exists()


@pytest.mark.parametrize("who", ["auditor", "administrator", "stranger"])
def test_who_does_not_know_of_the_case_gets_no_word_of_it(
    request: pytest.FixtureRequest, client: Client, who: str
) -> None:
    case = open_match_case()
    client.force_login(request.getfixturevalue(who))

    assert client.post(to(case), sent(case)).status_code == 404


def test_it_rejects_get(client: Client, leased: Case) -> None:
    assert client.get(to(leased)).status_code == 405


def test_keep_down_does_not_close_a_case_over_an_open_incident(
    client: Client, moderator: User, drift_case: Case
) -> None:
    leases.take_lease(actor=moderator, case=drift_case)
    client.force_login(moderator)

    response = client.post(to(drift_case), sent(drift_case, "keep_down"))

    drift_case.refresh_from_db()
    assert response.status_code == 422
    assert "was not read back as its holds demand yet" in text_of(response.content.decode())
    assert drift_case.state == Case.State.OPEN


def test_keep_down_closes_a_contained_incident_with_its_cause(
    client: Client, moderator: User, drift_case: Case
) -> None:
    incident = drift_case.incidents.get()
    incident.state = Incident.State.CONTAINED
    incident.contained_at = incident.seen_at
    incident.save()
    leases.take_lease(actor=moderator, case=drift_case)
    client.force_login(moderator)

    client.post(to(drift_case), sent(drift_case, "keep_down", reason="An appeal tool did it."))

    incident.refresh_from_db()
    assert incident.state == Incident.State.CLOSED
    assert incident.cause == "An appeal tool did it."
