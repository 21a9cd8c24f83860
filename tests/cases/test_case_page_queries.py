"""The number of queries of the case page. It is the same however much a case holds.

A change of a number here is a decision: say in the commit which read was added, and why.
"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actors import PIPELINE
from accounts.models import User
from cases import evidence, leases, notes, opening
from cases.models import Case
from tests.cases.builders import make_designation, make_match, make_profile, suspend
from tests.cases.pages import address

pytestmark = pytest.mark.django_db

# With the session, the reader, the roles, and the counts of the navigation.
QUERIES = {"read": 21, "decide": 25, "closed": 23}


def case_with(count: int, actor: User) -> Case:
    """A case with so many matches, pieces of evidence, notes, and other accounts."""
    profile = make_profile()
    designations = [make_designation(f"Entry {number}") for number in range(count)]
    matches = [make_match(profile, designation) for designation in designations]
    case = opening.open_for_matches(actor=PIPELINE, profile=profile, matches=matches)
    for kept in case.evidence.all():
        evidence.view(actor=actor, evidence=kept)
    for designation in designations:
        notes.add_note(actor=actor, case=case, text=f"See {designation}")
        make_match(make_profile(), designation)
    return case


def queries_of(client: Client, case: Case) -> int:
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address(case)).status_code == 200
    return len(caught)


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("state", list(QUERIES))
def test_the_page_asks_a_constant_number_of_questions(
    client: Client, moderator: User, state: str, count: int
) -> None:
    case = case_with(count, moderator)
    if state == "decide":
        leases.take_lease(actor=moderator, case=case)
    if state == "closed":
        suspend(moderator, case)
    client.force_login(moderator)
    client.get(address(case))

    assert queries_of(client, case) == QUERIES[state]
