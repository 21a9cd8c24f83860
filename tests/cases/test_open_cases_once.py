"""Rule 6: one open primary case per profile, whoever sweeps, and however often."""

from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import PIPELINE, RECONCILER
from accounts.models import User
from cases import opening, pipeline
from cases.models import Case, CaseMatch, CaseProfile, Decision
from platforms import incidents
from platforms.models import Incident, ProfileVersion
from sanctions.models import Match
from tests.cases.builders import (
    approve,
    change_entry,
    delist,
    held_profile,
    make_designation,
    make_match,
    make_profile,
    open_match_case,
    policy,
    propose,
    relist,
    suspend,
)
from tests.cases.sql import at_once

pytestmark = pytest.mark.django_db
on_two_connections = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

# Lock, look, and write one row of each kind, with its event. More would be felt at 553 listings.
QUERIES_FOR_ONE_CASE = 16


@on_two_connections
def test_two_sweeps_at_once_open_one_case_with_one_version() -> None:
    make_match(make_profile(), make_designation())

    opened = at_once(pipeline.open_due_cases, pipeline.open_due_cases)

    assert sorted(each.matches for each in opened) == [0, 1]
    assert Case.objects.get().version == 1
    assert CaseMatch.objects.count() == 1


@on_two_connections
def test_two_matches_found_at_once_go_to_one_case() -> None:
    profile = make_profile()
    matches = [make_match(profile, make_designation(name)) for name in ("KADYROV, R", "KADYROV, Z")]

    at_once(
        *(
            lambda match=match: opening.open_for_matches(
                actor=PIPELINE, profile=profile, matches=[match]
            )
            for match in matches
        )
    )

    case = Case.objects.get()
    assert case.matches.count() == 2
    assert case.version == 2


@on_two_connections
def test_two_sweeps_at_once_ask_once_about_a_delisting_and_an_incident(moderator: User) -> None:
    profile = held_profile(moderator)
    delist(profile.holds.get().basis.designation)
    incidents.open_incident(
        actor=RECONCILER, profile=profile, kind=Incident.Kind.DRIFT, began_at=timezone.now()
    )

    at_once(pipeline.open_due_cases, pipeline.open_due_cases, pipeline.open_due_cases)

    assert Case.objects.filter(kind=Case.Kind.DELISTING).count() == 1
    assert Case.objects.filter(kind=Case.Kind.INCIDENT).count() == 1


def test_the_database_allows_one_open_primary_case() -> None:
    profile = open_match_case().profiles.get()
    other = Case.objects.create(
        kind=Case.Kind.MATCH, question="?", opened_because="-", due_at=timezone.now()
    )

    with pytest.raises(IntegrityError, match="case_profile_one_open_primary"), transaction.atomic():
        CaseProfile.objects.create(case=other, profile=profile, is_primary=True)


def test_joining_moves_the_version_and_keeps_what_the_list_said() -> None:
    profile = make_profile()
    case = open_match_case(profile)
    kept = case.evidence.count()

    joined = open_match_case(profile, make_designation("KADYROV, Zelimkhan"))

    assert joined == case
    assert joined.version == case.version + 1
    assert case.evidence.count() == kept + 1


def test_a_match_that_was_judged_meanwhile_opens_nothing(moderator: User) -> None:
    """Two sweeps read the same row; between them a case was opened, and decided."""
    profile = make_profile()
    match = make_match(profile, make_designation())
    case = opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match])
    assert case is not None
    propose(moderator, case, Decision.Outcome.NO_ACTION, policy=None)

    assert opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match]) is None
    assert Case.objects.count() == 1


def test_a_changed_entry_asks_nothing_new_of_a_profile_it_holds(moderator: User) -> None:
    profile = held_profile(moderator)
    designation = profile.holds.get().basis.designation
    change_entry(designation)
    designation.refresh_from_db()
    make_match(profile, designation)

    assert pipeline.open_due_cases().total == 0


def test_a_cleared_pair_is_asked_about_again_once_the_profile_changed(moderator: User) -> None:
    profile = make_profile()
    designation = make_designation()
    case = open_match_case(profile, designation)
    propose(moderator, case, Decision.Outcome.NO_ACTION, policy=None)
    assert pipeline.open_due_cases().total == 0

    profile.version_number = 2
    profile.save(update_fields=["version_number"])
    ProfileVersion.objects.create(
        profile=profile, number=2, handle=profile.handle, content_hash=64 * "1"
    )
    make_match(profile, designation)

    assert pipeline.open_due_cases().matches == 1
    assert Case.objects.unsettled().get() != case
    case.refresh_from_db()
    assert case.state == Case.State.CLOSED


def test_an_entry_that_comes_back_asks_anew(moderator: User, senior: User) -> None:
    """Held, delisted, released; listed again: the person is listed and the account may be up."""
    profile = held_profile(moderator)
    hold = profile.holds.get()
    designation = hold.basis.designation
    list_version = delist(designation)
    assert pipeline.open_due_cases().delistings == 1
    release = propose(
        moderator,
        Case.objects.get(kind=Case.Kind.DELISTING),
        Decision.Outcome.RELEASE_HOLD,
        policy=policy("delisting"),
        holds=[hold],
        ground=Decision.Ground.DELISTED,
        list_version=list_version,
    )
    approve(senior, release)
    assert pipeline.open_due_cases().total == 0

    relist(designation)
    designation.refresh_from_db()
    make_match(profile, designation)

    assert pipeline.open_due_cases().matches == 1
    again = Case.objects.unsettled().get(kind=Case.Kind.MATCH)
    suspend(moderator, again)
    assert profile.holds.standing().count() == 1
    assert profile.holds.lifted().count() == 1


def test_a_second_delisting_asks_again_once_the_first_was_answered(moderator: User) -> None:
    profile = held_profile(moderator)
    designation = profile.holds.get().basis.designation
    delist(designation)
    pipeline.open_due_cases()
    first = Case.objects.get(kind=Case.Kind.DELISTING)

    relist(designation)
    delist(designation)
    # The open case asks about it already.
    assert pipeline.open_due_cases().delistings == 0

    propose(moderator, first, Decision.Outcome.KEEP_DOWN, policy=policy("delisting"))
    assert pipeline.open_due_cases().delistings == 0
    relist(designation)
    delist(designation)
    assert pipeline.open_due_cases().delistings == 1


def test_one_that_cannot_be_opened_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = make_profile(), make_profile()
    make_match(bad, make_designation())
    make_match(good, make_designation("DODIK, Milorad"))
    real = opening.evidence.of_profile

    def of_profile(profile: object) -> object:
        if profile == bad:
            raise ValueError("Something nobody thought of")
        return real(profile)  # type: ignore[arg-type]  # as the verb calls it

    monkeypatch.setattr(opening.evidence, "of_profile", of_profile)
    assert pipeline.open_due_cases().matches == 1
    assert Case.objects.get().profiles.get() == good

    monkeypatch.undo()
    assert pipeline.open_due_cases().matches == 1


def test_a_list_that_cannot_be_screened_does_not_stop_an_incident(
    moderator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    incidents.open_incident(
        actor=RECONCILER,
        profile=held_profile(moderator),
        kind=Incident.Kind.DRIFT,
        began_at=timezone.now(),
    )

    def fail(**_: object) -> None:
        raise ValueError("An entry nobody thought of")

    monkeypatch.setattr(pipeline.screening, "screen_list_version", fail)
    assert pipeline.sweep().incidents == 1


def test_a_worker_that_is_told_to_stop_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    make_match(make_profile(), make_designation())

    def told_to_stop(_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(opening.evidence, "of_profile", told_to_stop)
    with pytest.raises(SoftTimeLimitExceeded):
        pipeline.open_due_cases()


def test_the_longest_names_open_a_case(moderator: User) -> None:
    designation = make_designation(
        "K" * 1000, programs=tuple(f"PROGRAM-{n:0100d}" for n in range(5))
    )
    case = open_match_case(make_profile(handle="h" * 255), designation)

    assert len(case.question) == 300
    propose(
        moderator,
        case,
        Decision.Outcome.SUSPEND,
        policy=policy("platform-policy"),
        designations=[designation],
    )
    assert case.profiles.get().holds.get().detail.endswith("…")


def test_opening_a_case_takes_few_queries() -> None:
    profile = make_profile()
    match = make_match(profile, make_designation())
    match = Match.objects.select_related(
        "designation__source", "designation_version__list_version__source"
    ).get(pk=match.pk)
    match.designation_version.designation = match.designation

    with CaptureQueriesContext(connection) as queries:
        opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match])

    written = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(written) <= QUERIES_FOR_ONE_CASE, "\n".join(sql[:100] for sql in written)


def test_an_old_list_makes_no_case_overdue_as_it_opens() -> None:
    case = open_match_case()

    assert case.due_at > timezone.now() + timedelta(hours=70)
