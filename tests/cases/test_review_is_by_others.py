"""Rule 4: whoever reviews an appeal took no part in the decision."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from cases.models import Case, Decision, DecisionParticipant
from cases.reviews import NothingToReview, TookPart, ask_for_review
from tests.cases.builders import approve, open_match_case, policy, propose, suspend

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(moderator: User) -> Case:
    case = open_match_case()
    suspend(moderator, case)
    case.refresh_from_db()
    return case


def release(actor: User, review: Case) -> Decision:
    profile = review.profiles.get()
    return propose(
        actor,
        review,
        Decision.Outcome.RELEASE_HOLD,
        policy=policy("delisting"),
        holds=list(profile.holds.standing()),
        ground=Decision.Ground.MISIDENTIFIED,
        reasons="Another person of the same name.",
    )


def test_a_review_lifts_nothing_by_itself(moderator: User, decided: Case) -> None:
    review = ask_for_review(actor=moderator, case=decided, reason="He wrote to us.")

    assert (review.kind, review.state) == (Case.Kind.APPEAL, Case.State.OPEN)
    assert review.profiles.get().holds.standing().count() == 1


def test_who_placed_the_hold_does_not_review_it(moderator: User, decided: Case) -> None:
    review = ask_for_review(actor=moderator, case=decided, reason="He wrote to us.")

    with pytest.raises(TookPart):
        release(moderator, review)


def test_the_database_asks_it_too(moderator: User, other_moderator: User, decided: Case) -> None:
    review = ask_for_review(actor=moderator, case=decided, reason="He wrote to us.")
    decision = release(other_moderator, review)

    with pytest.raises(DatabaseError, match="took part"), transaction.atomic():
        DecisionParticipant.objects.create(
            decision=decision, user=moderator, part=DecisionParticipant.Part.ANSWERED
        )
    assert decision.participants.count() == 1


def test_two_others_lift_a_hold_on_a_misidentified_person(
    other_moderator: User, moderator: User, senior: User, decided: Case
) -> None:
    review = ask_for_review(actor=moderator, case=decided, reason="He wrote to us.")

    approve(senior, release(other_moderator, review))

    hold = review.profiles.get().holds.get()
    assert not hold.stands
    assert hold.basis.release_ground == Decision.Ground.MISIDENTIFIED


def test_one_review_at_a_time(moderator: User, decided: Case) -> None:
    ask_for_review(actor=moderator, case=decided, reason="He wrote to us.")

    with pytest.raises(NothingToReview, match="open already"):
        ask_for_review(actor=moderator, case=decided, reason="Again.")


def test_an_account_that_is_not_held_has_nothing_to_review(moderator: User) -> None:
    with pytest.raises(NothingToReview, match="No hold"):
        ask_for_review(actor=moderator, case=open_match_case(), reason="He wrote to us.")


def test_it_is_asked_for_on_the_page_of_a_closed_case(
    moderator: User, decided: Case, client: Client
) -> None:
    client.force_login(moderator)
    page = client.get(reverse("cases:case", args=[decided.number]))
    assert "Ask for a review" in page.content.decode()

    answer = client.post(
        reverse("cases:ask_for_review", args=[decided.number]), {"reason": "He wrote to us."}
    )

    review = Case.objects.get(kind=Case.Kind.APPEAL)
    assert answer.headers["Location"] == reverse("cases:case", args=[review.number])
