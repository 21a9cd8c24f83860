"""From a report to a case: linked, opened or joined, and kept where nobody else looks."""

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import PIPELINE
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from cases import leases, opening, reports
from cases.models import Case, CaseProfile, ReportedProfile
from cases.refusals import AccessRefused, ReportLinkRefused
from intake import access, inbox, reading
from intake.models import Report
from intake.receipts import Receipt
from intake.refusals import NotYours, ReasonMissing
from tests.cases.builders import (
    make_designation,
    make_match,
    make_platform,
    make_profile,
    open_match_case,
)
from tests.cases.sql import refused_with, run_sql
from tests.conftest import person
from tests.intake.case_builders import in_hand, linked, opened
from tests.intake.conftest import NARRATIVE, send
from tests.intake.zone import as_the_zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def held(coordinator: User, report: Report) -> Report:
    return in_hand(coordinator, report)


@pytest.mark.parametrize(
    "typed",
    [
        "Akhmat",
        " @akhmat ",
        "https://relay.example/@akhmat/?ref=1#top",
        "relay.example/akhmat",
        "https://relay.example/people/%61khmat",
    ],
)
def test_an_account_is_found_by_its_handle_or_by_a_link(db: None, typed: str) -> None:
    profile = make_profile(handle="akhmat")
    make_profile(handle="akhmat_fans")

    assert list(reports.find_profiles(typed)) == [profile]


@pytest.mark.parametrize("typed", ["", "  ", "https://relay.example", "/", "%", "akhmat%"])
def test_what_names_no_account_finds_none(db: None, typed: str) -> None:
    make_profile(handle="akhmat")

    assert list(reports.find_profiles(typed)) == []


def test_accounts_of_one_handle_are_found_on_every_platform(db: None) -> None:
    here = make_profile(handle="akhmat", reach=10)
    there = make_profile(make_platform(name="Relay"), handle="AKHMAT", reach=20)

    assert list(reports.find_profiles("akhmat")) == [there, here]


def test_a_case_is_opened_with_nothing_of_the_report(coordinator: User, held: Report) -> None:
    case = opened(coordinator, held)

    assert case.kind == Case.Kind.REPORT
    said = f"{case.question} {case.opened_because}"
    said += "".join(
        f"{kept.title} {kept.source} {bytes(kept.content)!r}" for kept in case.evidence.all()
    )
    assert NARRATIVE not in said
    assert str(held.pk) not in said
    assert str(held.day) not in case.opened_because
    assert not case.notes.exists()
    assert held.reported_profiles.get().case == case


def test_a_link_by_itself_opens_nothing(coordinator: User, held: Report) -> None:
    linked(coordinator, held)

    assert not Case.objects.exists()


def test_an_account_is_linked_once(coordinator: User, held: Report) -> None:
    link = linked(coordinator, held)

    with pytest.raises(ReportLinkRefused):
        linked(coordinator, held, link.profile)


def test_a_wrong_link_is_taken_back_until_it_led_to_a_case(coordinator: User, held: Report) -> None:
    reports.unlink_profile(actor=coordinator, link=linked(coordinator, held))
    assert not held.reported_profiles.exists()

    opened(coordinator, held)
    with pytest.raises(ReportLinkRefused):
        reports.unlink_profile(actor=coordinator, link=held.reported_profiles.get())


def test_an_account_gets_one_case(coordinator: User, held: Report) -> None:
    case = opened(coordinator, held)

    with pytest.raises(ReportLinkRefused):
        opened(coordinator, held, case.profiles.get())


def test_an_open_primary_case_is_joined_without_a_trace(
    coordinator: User, held: Report, moderator: User
) -> None:
    case = open_match_case(make_profile(handle="akhmat"))
    before = AuditEvent.objects.about(f"case:{case.pk}").count()

    assert opened(coordinator, held, case.profiles.get()) == case

    version = case.version
    case.refresh_from_db()
    assert case.version == version
    assert AuditEvent.objects.about(f"case:{case.pk}").count() == before
    assert Case.objects.count() == 1


def test_a_second_report_joins_the_case_of_the_first(coordinator: User, held: Report) -> None:
    case = opened(coordinator, held)
    _, second = send("Another person saw the same.")

    assert opened(coordinator, in_hand(coordinator, second), case.profiles.get()) == case


def test_a_match_that_comes_later_gets_a_case_everybody_sees(
    coordinator: User, held: Report, moderator: User
) -> None:
    """Shown to fail by making `report` a primary kind: the match joins the hidden case."""
    profile = make_profile(handle="akhmat")
    hidden = opened(coordinator, held, profile)

    match = make_match(profile, make_designation())
    seen = opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match])

    assert seen is not None
    assert seen != hidden
    assert list(Case.objects.visible_to(moderator)) == [seen]


def test_the_database_refuses_the_case_of_a_report_as_primary(
    coordinator: User, held: Report
) -> None:
    case = opened(coordinator, held)

    with pytest.raises(DatabaseError), transaction.atomic():
        CaseProfile.objects.create(case=case, profile=make_profile(), is_primary=True)


def test_whoever_does_not_hold_the_report_opens_nothing(
    held: Report, other_coordinator: User, moderator: User, coordinator: User
) -> None:
    profile = make_profile()
    with pytest.raises(NotYours):
        linked(other_coordinator, held, profile)
    access.share(actor=coordinator, report=held, user=moderator, reason="Works on it")
    with pytest.raises(NotAllowed):
        opened(moderator, held, profile)
    assert not ReportedProfile.objects.exists()


def test_a_closed_report_leads_to_no_case(coordinator: User, held: Report) -> None:
    reading.close(actor=coordinator, report=held, outcome=Report.Outcome.KNOWN)

    with pytest.raises(ReportLinkRefused):
        opened(coordinator, held)


def test_opening_and_handing_over_take_a_reason(
    coordinator: User, held: Report, moderator: User
) -> None:
    profile = make_profile()
    with pytest.raises(ReasonMissing):
        reports.open_from_report(actor=coordinator, report=held, profile=profile, reason=" ")
    opened(coordinator, held, profile)
    with pytest.raises(ReasonMissing):
        reports.hand_to(
            actor=coordinator, link=held.reported_profiles.get(), user=moderator, reason=""
        )


def test_a_coordinator_decides_no_case(coordinator: User, held: Report) -> None:
    """Who talks to the reporter does not judge the account."""
    case = opened(coordinator, held)

    assert not Case.objects.visible_to(coordinator).exists()
    with pytest.raises(NotAllowed):
        leases.take_lease(actor=coordinator, case=case)


def test_a_case_is_handed_to_somebody_who_works_cases(
    coordinator: User, other_coordinator: User, held: Report, moderator: User
) -> None:
    case = opened(coordinator, held)
    link = held.reported_profiles.get()
    hand = {"actor": coordinator, "link": link, "reason": "Knows the region"}

    for nobody in (coordinator, other_coordinator, person("Nobody", Role.ADMINISTRATOR)):
        with pytest.raises(AccessRefused):
            reports.hand_to(user=nobody, **hand)
    grant = reports.hand_to(user=moderator, **hand)

    assert grant.ends_at is not None
    assert list(Case.objects.visible_to(moderator)) == [case]
    with pytest.raises(AccessRefused):
        reports.hand_to(user=moderator, **hand)


def test_a_joined_case_is_handed_to_nobody(
    coordinator: User, held: Report, moderator: User
) -> None:
    case = open_match_case(make_profile(handle="akhmat"))
    opened(coordinator, held, case.profiles.get())

    with pytest.raises(AccessRefused):
        reports.hand_to(
            actor=coordinator, link=held.reported_profiles.get(), user=moderator, reason="Helps"
        )


def test_a_reporter_who_deletes_takes_the_link_along(
    coordinator: User, held: Report, receipt: Receipt
) -> None:
    """Shown to fail by a foreign key without ON DELETE CASCADE: the deletion is refused."""
    case = opened(coordinator, held)

    with as_the_zone():
        inbox.delete(inbox.open_with(receipt))

    assert not ReportedProfile.objects.exists()
    assert Case.objects.filter(pk=case.pk).exists()


def test_sql_changes_and_removes_no_link_that_led_to_a_case(
    coordinator: User, held: Report
) -> None:
    opened(coordinator, held)

    for statement in (
        "UPDATE cases_reportedprofile SET case_id = NULL",
        "DELETE FROM cases_reportedprofile",
    ):
        with refused_with("HF014"):
            run_sql(statement)


def test_a_case_about_another_account_cannot_be_linked(coordinator: User, held: Report) -> None:
    link = linked(coordinator, held)
    other = open_match_case()

    with pytest.raises(DatabaseError), transaction.atomic():
        ReportedProfile.objects.filter(pk=link.pk).update(case=other)
