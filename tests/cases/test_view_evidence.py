"""Evidence: the bytes as they were, sent as text to be saved, and each look on record."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from cases.models import Case, CustodyEntry, Evidence
from tests.cases.builders import open_match_case
from tests.cases.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Evidence:
    """What the profile showed when a case was opened."""
    return open_match_case().evidence.get(kind=Evidence.Kind.PROFILE_CAPTURE)


def to(evidence: Evidence) -> str:
    return reverse("cases:view_evidence", args=[evidence.case_id, evidence.pk])


def test_the_bytes_come_as_they_were_kept(client: Client, moderator: User, kept: Evidence) -> None:
    client.force_login(moderator)

    response = client.get(to(kept))

    assert response.content == bytes(kept.content)


def test_nothing_in_them_is_run(client: Client, moderator: User, kept: Evidence) -> None:
    client.force_login(moderator)

    response = client.get(to(kept))

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["Cache-Control"] == "no-store"


def test_each_look_is_in_the_custody_and_in_the_record(
    client: Client, moderator: User, kept: Evidence
) -> None:
    client.force_login(moderator)

    client.get(to(kept))

    entry = kept.custody.get(step=CustodyEntry.Step.VIEWED)
    assert entry.by_user == moderator
    event = AuditEvent.objects.get(verb="evidence.viewed")
    assert event.changes == {"sha256": kept.sha256}
    assert f"Evidence viewed: {kept.title}" in text_of(page(client, moderator, kept.case))


@pytest.mark.parametrize("who", ["auditor", "administrator", "stranger"])
def test_who_does_not_know_of_the_case_reads_nothing(
    request: pytest.FixtureRequest, client: Client, kept: Evidence, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))

    assert client.get(to(kept)).status_code == 404
    assert not kept.custody.filter(step=CustodyEntry.Step.VIEWED).exists()


def test_evidence_is_found_under_its_own_case_only(
    client: Client, moderator: User, kept: Evidence
) -> None:
    other = open_match_case()
    Case.objects.filter(pk=kept.case_id).update(is_restricted=True)
    client.force_login(moderator)

    response = client.get(reverse("cases:view_evidence", args=[other.pk, kept.pk]))

    assert response.status_code == 404


def test_it_rejects_post(client: Client, moderator: User, kept: Evidence) -> None:
    client.force_login(moderator)

    assert client.post(to(kept)).status_code == 405
