"""Cases about one profile: each is told what another decided, and nobody waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.actors import PIPELINE, RECONCILER
from accounts.models import User
from cases import decisions, leases, opening
from cases.models import Case, Decision
from cases.refusals import StalePage
from platforms import incidents
from platforms.models import Incident, Profile
from tests.cases.builders import (
    delist,
    held_profile,
    make_designation,
    open_match_case,
    policy,
    propose,
    suspend,
)
from tests.cases.sql import at_once

pytestmark = pytest.mark.django_db
on_two_connections = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def siblings(moderator: User) -> tuple[Profile, Case, Case, Case]:
    """A held profile with a delisting case, an incident case and a match case open."""
    profile = held_profile(moderator)
    designation = profile.holds.get().basis.designation
    delist(designation)
    delisting = opening.open_for_delisting(actor=PIPELINE, profile=profile, designation=designation)
    incident, _ = incidents.open_incident(
        actor=RECONCILER,
        profile=profile,
        kind=Incident.Kind.DRIFT,
        began_at=timezone.now() - timedelta(hours=1),
    )
    incidents.contain(actor=RECONCILER, incident=incident)
    drift = opening.open_for_incident(actor=PIPELINE, incident=incident)
    match = open_match_case(profile, make_designation("DODIK, Milorad"))
    return profile, delisting, drift, match


def test_a_decision_moves_the_versions_of_open_siblings(
    siblings: tuple[Profile, Case, Case, Case], moderator: User, other_moderator: User
) -> None:
    _, delisting, drift, match = siblings
    leases.take_lease(actor=other_moderator, case=delisting)

    suspend(moderator, match)

    for sibling in (delisting, drift):
        before = sibling.version
        sibling.refresh_from_db()
        assert sibling.version == before + 1
        assert sibling.state == Case.State.OPEN
    with pytest.raises(StalePage) as refusal:
        decisions.propose(
            actor=other_moderator,
            case=delisting,
            proposal=decisions.Proposal(
                outcome=Decision.Outcome.KEEP_DOWN, reasons="-", policy=policy("delisting")
            ),
            expected_version=delisting.version - 1,
        )
    assert [event.verb for event in refusal.value.changes] == ["case.sibling_decided"]


def test_what_decides_nothing_leaves_siblings_alone(
    siblings: tuple[Profile, Case, Case, Case], moderator: User
) -> None:
    _, delisting, drift, match = siblings

    propose(moderator, match, Decision.Outcome.COUNSEL, policy=None)

    for sibling in (delisting, drift):
        before = sibling.version
        sibling.refresh_from_db()
        assert sibling.version == before


def test_a_closed_sibling_is_left_as_it_was(
    siblings: tuple[Profile, Case, Case, Case], moderator: User
) -> None:
    _, _, drift, match = siblings
    propose(moderator, drift, Decision.Outcome.KEEP_DOWN, policy=policy("delisting"))
    drift.refresh_from_db()
    version = drift.version

    suspend(moderator, match)

    drift.refresh_from_db()
    assert (drift.version, drift.state) == (version, Case.State.CLOSED)


@on_two_connections
def test_people_who_decide_siblings_at_once_all_get_through(
    siblings: tuple[Profile, Case, Case, Case],
    moderator: User,
    other_moderator: User,
    senior: User,
    administrator: User,
) -> None:
    """PostgreSQL would end one of two that wait for each other with an error."""
    profile, delisting, drift, match = siblings
    keep = {"outcome": Decision.Outcome.KEEP_DOWN, "policy": policy("delisting")}
    proposals = (
        (moderator, delisting, decisions.Proposal(reasons="One list is enough.", **keep)),
        (other_moderator, drift, decisions.Proposal(reasons="A tool did it.", **keep)),
        (
            senior,
            match,
            decisions.Proposal(
                outcome=Decision.Outcome.SUSPEND,
                reasons="The same person.",
                policy=policy(),
                designations=list(match.designations.all()),
            ),
        ),
    )
    for user, case, _ in proposals:
        leases.take_lease(actor=user, case=case)

    results = at_once(
        *(
            lambda user=user, case=case, proposal=proposal: decisions.propose(
                actor=user, case=case, proposal=proposal, expected_version=None
            )
            for user, case, proposal in proposals
        ),
        lambda: leases.release_leases_of(actor=administrator, user=moderator),
        lambda: opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[]),
    )

    # Whoever lost the lease to the fifth is told so. Nobody is told of a deadlock.
    refused = [type(each).__name__ for each in results if isinstance(each, Exception)]
    assert set(refused) <= {"LeaseMissing"}, results
    assert Case.objects.filter(state=Case.State.CLOSED).count() >= 3


@on_two_connections
def test_whoever_decides_takes_the_rows_in_the_order_of_whoever_gives_leases_back(
    siblings: tuple[Profile, Case, Case, Case], moderator: User
) -> None:
    """Rows are taken by number. Its own row first would be a wait in a circle."""
    _, first, _, last = siblings
    leases.take_lease(actor=moderator, case=last)
    proposal = decisions.Proposal(
        outcome=Decision.Outcome.SUSPEND,
        reasons="The same person.",
        policy=policy(),
        designations=list(last.designations.all()),
    )

    with ThreadPoolExecutor(1) as other_connection, transaction.atomic():
        Case.objects.select_for_update(no_key=True).get(pk=first.pk)
        deciding = other_connection.submit(
            on_a_connection_of_its_own,
            lambda: decisions.propose(
                actor=moderator, case=last, proposal=proposal, expected_version=None
            ),
        )
        with pytest.raises(TimeoutError):
            deciding.result(timeout=1)
        Case.objects.select_for_update(no_key=True, nowait=True).get(pk=last.pk)
        transaction.on_commit(lambda: deciding.result(timeout=30))

    last.refresh_from_db()
    assert last.state == Case.State.CLOSED


def on_a_connection_of_its_own(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connections.close_all()
