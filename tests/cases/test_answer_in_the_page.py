"""The second person's yes or no, and the proposer's way back."""

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cases.models import Case, Decision
from tests.cases.builders import make_profile, open_match_case, suspend
from tests.cases.pages import HTMX, address, text_of
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(moderator: User) -> Decision:
    """The moderator proposes to take down an account of high reach."""
    return suspend(moderator, open_match_case(make_profile(reach=2_000_000)))


def answer(client: Client, decision: Decision, **fields: object) -> HttpResponse:
    case = Case.objects.get(pk=decision.case_id)
    return client.post(
        reverse("cases:answer_decision", args=[case.pk, decision.pk]),
        {"answer": "yes", "based_on": case.version, **fields},
    )


def test_a_yes_places_the_hold(client: Client, senior: User, proposal: Decision) -> None:
    sign_in(client, senior)

    response = answer(client, proposal)

    proposal.refresh_from_db()
    assert response["Location"] == address(proposal.case)
    assert proposal.state == Decision.State.APPROVED
    assert proposal.case.profiles.get().holds.standing().count() == 1


def test_a_no_sends_it_back_with_its_reason(
    client: Client, senior: User, proposal: Decision
) -> None:
    sign_in(client, senior)

    answer(client, proposal, answer="no", reason="Show the birth date.")

    proposal.refresh_from_db()
    assert proposal.state == Decision.State.REJECTED
    assert proposal.approval.reason == "Show the birth date."
    assert proposal.case.state == Case.State.OPEN


def test_a_no_without_a_reason_is_refused(client: Client, senior: User, proposal: Decision) -> None:
    sign_in(client, senior)

    response = answer(client, proposal, answer="no")

    proposal.refresh_from_db()
    assert response.status_code == 409
    assert proposal.state == Decision.State.PROPOSED


def test_anything_but_yes_is_no_yes(client: Client, senior: User, proposal: Decision) -> None:
    sign_in(client, senior)

    answer(client, proposal, answer="", reason="Unclear")

    proposal.refresh_from_db()
    assert proposal.state == Decision.State.REJECTED


def test_nobody_answers_their_own_proposal(client: Client, senior: User) -> None:
    decision = suspend(senior, open_match_case(make_profile(reach=2_000_000)))
    sign_in(client, senior)

    response = answer(client, decision)

    decision.refresh_from_db()
    assert response.status_code == 403
    assert "A second person has to answer it." in text_of(response.content.decode())
    assert decision.state == Decision.State.PROPOSED


@pytest.mark.parametrize(
    ("who", "status"),
    [("other_moderator", 403), ("analyst", 403), ("auditor", 404), ("stranger", 404)],
)
def test_who_may_not_answer_is_refused(
    request: pytest.FixtureRequest, client: Client, proposal: Decision, who: str, status: int
) -> None:
    sign_in(client, request.getfixturevalue(who))

    assert answer(client, proposal).status_code == status
    proposal.refresh_from_db()
    assert proposal.state == Decision.State.PROPOSED


def test_the_second_click_is_told_what_happened(
    client: Client, senior: User, proposal: Decision
) -> None:
    sign_in(client, senior)
    version = Case.objects.get(pk=proposal.case_id).version

    answer(client, proposal, based_on=version)
    response = answer(client, proposal, based_on=version)

    assert response.status_code == 409
    assert "This proposal was answered before" in text_of(response.content.decode())
    assert Decision.objects.get().approval.approver == senior


def test_a_second_answer_from_a_fresh_page_is_refused(
    client: Client, senior: User, counsel: User, proposal: Decision
) -> None:
    sign_in(client, senior)
    answer(client, proposal)
    sign_in(client, counsel)

    response = answer(client, proposal)

    assert response.status_code == 409
    assert "This proposal was answered before" in text_of(response.content.decode())


def test_a_stale_no_keeps_the_reason_in_its_form(
    client: Client, senior: User, proposal: Decision
) -> None:
    sign_in(client, senior)

    response = client.post(
        reverse("cases:answer_decision", args=[proposal.case_id, proposal.pk]),
        {"answer": "no", "reason": "Typed", "based_on": 1},
        headers=HTMX,
    )

    html = response.content.decode()
    assert response.status_code == 409
    assert 'id="based-on-no"' in html
    assert 'hx-swap-oob="true"' in html


def test_a_decision_is_answered_on_its_own_case_only(
    client: Client, senior: User, proposal: Decision
) -> None:
    other = open_match_case()
    sign_in(client, senior)

    response = client.post(
        reverse("cases:answer_decision", args=[other.pk, proposal.pk]),
        {"answer": "yes", "based_on": other.version},
    )

    assert response.status_code == 404


class TestWithdrawing:
    def withdraw(self, client: Client, decision: Decision) -> HttpResponse:
        case = Case.objects.get(pk=decision.case_id)
        return client.post(
            reverse("cases:withdraw_decision", args=[case.pk, decision.pk]),
            {"based_on": case.version},
        )

    def test_the_proposer_takes_it_back(
        self, client: Client, moderator: User, proposal: Decision
    ) -> None:
        sign_in(client, moderator)

        self.withdraw(client, proposal)

        proposal.refresh_from_db()
        assert proposal.state == Decision.State.WITHDRAWN
        assert proposal.case.state == Case.State.OPEN

    def test_nobody_else_does(self, client: Client, senior: User, proposal: Decision) -> None:
        sign_in(client, senior)

        assert self.withdraw(client, proposal).status_code == 403
        proposal.refresh_from_db()
        assert proposal.state == Decision.State.PROPOSED

    def test_not_after_it_was_answered(
        self, client: Client, moderator: User, senior: User, proposal: Decision
    ) -> None:
        sign_in(client, senior)
        answer(client, proposal)
        sign_in(client, moderator)

        assert self.withdraw(client, proposal).status_code == 409
