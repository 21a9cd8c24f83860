"""The case page by state and by reader: what it shows, what it offers, what it escapes."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actors import PIPELINE
from accounts.models import User
from cases import leases, opening
from cases.models import Case, Decision, Evidence, Recusal
from platforms.models import Enforcement, ObservedState, Profile
from tests.cases.builders import (
    approve,
    delist,
    held_profile,
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    propose,
    suspend,
)
from tests.cases.pages import address, page, text_of

pytestmark = pytest.mark.django_db


def reading(profile: Profile, state: ObservedState) -> None:
    Profile.objects.filter(pk=profile.pk).update(observed_state=state, observed_at=timezone.now())


class TestWhoMayOpenIt:
    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("moderator", 200),
            ("senior", 200),
            ("counsel", 200),
            ("analyst", 200),
            ("auditor", 404),
            ("administrator", 404),
            ("stranger", 404),
        ],
    )
    def test_a_role_opens_it_or_does_not_know_of_it(
        self, request: pytest.FixtureRequest, client: Client, who: str, status: int
    ) -> None:
        case = open_match_case()
        client.force_login(request.getfixturevalue(who))

        assert client.get(address(case)).status_code == status

    def test_a_visitor_is_sent_to_the_sign_in_page(self, client: Client) -> None:
        case = open_match_case()

        response = client.get(address(case))

        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/")

    def test_a_swap_of_a_visitor_is_sent_there_by_htmx(self, client: Client) -> None:
        response = client.get(address(open_match_case()), headers={"HX-Request": "true"})

        assert response.status_code == 401
        assert response["HX-Redirect"].startswith("/accounts/login/")

    def test_a_restricted_case_is_hidden_without_a_grant(
        self, client: Client, moderator: User
    ) -> None:
        case = open_match_case()
        Case.objects.filter(pk=case.pk).update(is_restricted=True)
        client.force_login(moderator)

        assert client.get(address(case)).status_code == 404

    def test_a_recused_reviewer_does_not_see_it(self, client: Client, senior: User) -> None:
        case = open_match_case()
        Recusal.objects.create(case=case, user=senior, reason="A relative")
        client.force_login(senior)

        assert client.get(address(case)).status_code == 404


class TestWhatItOffers:
    def test_a_free_case_offers_its_lease(self, client: Client, moderator: User) -> None:
        html = page(client, moderator, open_match_case())

        assert "Take lease" in html
        assert 'name="outcome"' not in html

    def test_the_holder_of_the_lease_gets_the_form(self, client: Client, moderator: User) -> None:
        case = open_match_case()
        leases.take_lease(actor=moderator, case=case)

        html = page(client, moderator, case)

        assert 'name="outcome" value="suspend"' in html
        assert f'name="based_on" id="based-on" value="{case.version}"' in html
        assert "Extend" in html

    def test_another_reviewer_reads_who_holds_it(
        self, client: Client, moderator: User, other_moderator: User
    ) -> None:
        case = open_match_case()
        leases.take_lease(actor=moderator, case=case)

        html = page(client, other_moderator, case)

        assert "Mira Holt holds this case" in html
        assert 'name="outcome"' not in html

    def test_an_analyst_reads_and_decides_nothing(self, client: Client, analyst: User) -> None:
        html = page(client, analyst, open_match_case())

        assert "Your role reads this case" in html
        assert "Take lease" not in html
        assert "data-note" not in html

    def test_high_reach_announces_the_second_reviewer(
        self, client: Client, moderator: User
    ) -> None:
        case = open_match_case(make_profile(reach=2_000_000))
        leases.take_lease(actor=moderator, case=case)

        assert "Reach over 1M: someone else confirms." in text_of(page(client, moderator, case))

    def test_a_proposal_offers_a_senior_both_answers(
        self, client: Client, moderator: User, senior: User
    ) -> None:
        case = open_match_case(make_profile(reach=2_000_000))
        suspend(moderator, case)

        html = page(client, senior, case)

        assert "Yes, approve it" in html
        assert "Send back" in html
        assert "One hold is placed" in html

    def test_its_proposer_may_withdraw_and_not_answer(self, client: Client, senior: User) -> None:
        case = open_match_case(make_profile(reach=2_000_000))
        suspend(senior, case)

        html = page(client, senior, case)

        assert "You proposed this, so a second person answers it." in html
        assert "Withdraw" in html
        assert "Yes, approve it" not in html

    def test_another_moderator_only_reads_a_proposal(
        self, client: Client, moderator: User, other_moderator: User
    ) -> None:
        case = open_match_case(make_profile(reach=2_000_000))
        suspend(moderator, case)

        html = page(client, other_moderator, case)

        assert "It waits for a reviewer who may approve." in html
        assert "Yes, approve it" not in html

    def test_a_licence_waits_for_counsel(
        self,
        client: Client,
        moderator: User,
        senior: User,
        counsel: User,
        delisting_case: Case,
    ) -> None:
        case = delisting_case
        propose(
            moderator,
            case,
            Decision.Outcome.RELEASE_HOLD,
            holds=list(case.profiles.get().holds.all()),
            ground=Decision.Ground.LICENCE,
        )

        assert "Yes, approve it" not in page(client, senior, case)
        assert "Yes, approve it" in page(client, counsel, case)

    def test_a_closed_case_says_what_was_decided_and_by_whom(
        self, client: Client, moderator: User, senior: User
    ) -> None:
        case = open_match_case(make_profile(reach=2_000_000))
        approve(senior, suspend(moderator, case))

        words = text_of(page(client, moderator, case))

        assert "Take down by Mira Holt, approved by Tola Okafor" in words
        assert "Basis of" in words or "E.O. 13818" in words

    def test_an_open_incident_cannot_be_closed_and_says_why(
        self, client: Client, moderator: User, drift_case: Case
    ) -> None:
        leases.take_lease(actor=moderator, case=drift_case)

        html = page(client, moderator, drift_case)

        assert 'value="keep_down" required aria-disabled="true"' in html
        assert "Keep down is refused. The incident is open" in html
        assert drift_case.incidents.get().number in html

    def test_a_match_that_is_delisted_meanwhile_cannot_take_anybody_down(
        self, client: Client, moderator: User
    ) -> None:
        case = open_match_case()
        delist(case.designations.get())
        leases.take_lease(actor=moderator, case=case)

        html = page(client, moderator, case)

        assert 'value="suspend" required aria-disabled="true"' in html


class TestWhatItSays:
    def test_down_with_its_holds(self, client: Client, moderator: User) -> None:
        profile = held_profile(moderator)
        reading(profile, ObservedState.SUSPENDED)

        words = text_of(page(client, moderator, profile.cases.get()))

        assert "Down, 1 hold stands" in words
        assert "Restore is refused" in words
        assert "One hold stands. It is lifted on its own ground, by two people." in words

    def test_up_while_a_hold_stands_is_a_fault(self, client: Client, moderator: User) -> None:
        profile = held_profile(moderator)
        reading(profile, ObservedState.ACTIVE)

        html = page(client, moderator, profile.cases.get())

        assert 'class="chip" data-s="fault"' in html
        assert "Up, 1 hold stands" in html

    def test_an_old_reading_is_stale_and_not_down(self, client: Client, moderator: User) -> None:
        profile = held_profile(moderator)
        Profile.objects.filter(pk=profile.pk).update(
            observed_state=ObservedState.SUSPENDED,
            observed_at=timezone.now() - timedelta(days=2),
        )

        words = text_of(page(client, moderator, profile.cases.get()))

        assert "Last read as down, 1 hold stands" in words
        assert "Stale" in words

    def test_a_failed_action_stays_visible_with_its_problem(
        self, client: Client, moderator: User
    ) -> None:
        profile = held_profile(moderator)
        enforcement = profile.enforcements.get()
        for state in (Enforcement.State.SENDING, Enforcement.State.FAILED):
            enforcement.state = state
            enforcement.attempts, enforcement.problem = 2, "The platform answered 503."
            enforcement.save()

        words = text_of(page(client, moderator, profile.cases.get()))

        assert "Failed, will be tried again" in words
        assert "2 attempts. The platform answered 503." in words

    def test_other_accounts_of_the_same_designation_are_named(
        self, client: Client, moderator: User
    ) -> None:
        designation = make_designation()
        case = open_match_case(make_profile(handle="first"), designation)
        other = open_match_case(make_profile(handle="second"), designation)

        html = page(client, moderator, case)

        assert "@second" in html
        assert address(other) in html

    def test_a_hidden_case_of_another_account_is_not_linked(
        self, client: Client, moderator: User
    ) -> None:
        designation = make_designation()
        case = open_match_case(make_profile(), designation)
        other = open_match_case(make_profile(handle="second"), designation)
        Case.objects.filter(pk=other.pk).update(is_restricted=True)

        html = page(client, moderator, case)

        assert "@second" in html
        assert address(other) not in html

    def test_another_case_of_the_account_leaves_no_trace_in_the_timeline(
        self, client: Client, moderator: User, delisting_case: Case
    ) -> None:
        case = delisting_case
        hidden = case.profiles.get().cases.exclude(pk=case.pk).get()
        Case.objects.filter(pk=hidden.pk).update(is_restricted=True)

        words = text_of(page(client, moderator, case))

        assert "Hold placed: Designation, OFAC" in words
        assert "Same name and birth date." not in words
        assert hidden.label not in words

    def test_another_match_of_the_case_is_swapped_in_alone(
        self, client: Client, moderator: User
    ) -> None:
        profile = make_profile()
        first = make_match(profile, make_designation(), score=0.95)
        second = make_match(profile, make_designation("KADYROV, Zelimkhan"), score=0.75)
        case = opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[first, second])
        client.force_login(moderator)

        response = client.get(
            f"{address(case)}?match={second.pk}",
            headers={"HX-Request": "true", "HX-Target": "match"},
        )

        html = response.content.decode()
        assert html.count("<section") == 1
        assert "KADYROV, Zelimkhan" in html
        assert "KADYROV, Ramzan" not in html

    def test_changed_bytes_are_told(self, client: Client, moderator: User) -> None:
        case = open_match_case()
        assert "all hashes re-checked" in page(client, moderator, case)

        Evidence.objects.create(
            case=case, title="Letter", content=b"altered", size_bytes=7, sha256=64 * "0"
        )

        words = text_of(page(client, moderator, case))
        assert "A hash does not agree" in words
        assert "Changed since" in words

    def test_what_others_wrote_is_escaped_and_links_stay_text(
        self, client: Client, moderator: User
    ) -> None:
        attack = '"><script>alert(1)</script>'
        profile = make_profile(
            handle=attack, display_name=attack, bio=attack, links=["https://evil.example/"]
        )
        case = open_match_case(profile, make_designation(attack))
        propose(
            moderator,
            case,
            Decision.Outcome.NEED_MORE,
            reasons=f"Reason {attack}",
            policy=None,
        )

        html = page(client, moderator, case)

        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html
        assert "https://evil.example/" in html
        assert 'href="https://evil.example/' not in html
