"""Promises 10 to 12: without role and grant a report is not there, and an ended grant is gone."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from intake import access, urls
from intake.models import Report, ReportGrant
from tests.conftest import person, sign_in

UUIDS = {"report_id", "file_id", "request_id", "key_id", "hold_id"}
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def addresses(report: Report, user: User) -> list[str]:
    """Every address of this room, filled in from its patterns: a new one is tested unasked.

    Custodians and legal counsel have pages of their own, which name no report.
    """
    own = {
        *(urls.custodian_patterns if user.has_perm("intake.approve_identity_release") else []),
        *(urls.counsel_patterns if user.has_perm("intake.agree_legal_hold") else []),
    }
    filled = []
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern in own:
            continue
        converters = pattern.pattern.converters
        values = {name: uuid4() if name in UUIDS else 1 for name in converters}
        if "report_id" in values:
            values["report_id"] = report.pk
        filled.append(reverse(f"intake:{pattern.name}", kwargs=values))
    return filled


def people_without() -> list[User]:
    """Everybody on the desk who has no business with reports."""
    everyone = [
        person(f"Person {number}", role)
        for number, role in enumerate(Role)
        if role != Role.INTAKE_COORDINATOR
    ]
    superuser = person("Super User")
    User.objects.filter(pk=superuser.pk).update(is_superuser=True)
    return [*everyone, superuser, person("No Role")]


def test_to_everybody_else_every_address_answers_404(report: Report) -> None:
    """Shown to fail by starting `visible_to` from every report."""
    for user in people_without():
        client = Client()
        sign_in(client, user)
        for address in addresses(report, user):
            for method in (client.get, client.post):
                answer = method(address)
                # A page that takes another method says so to everybody alike.
                assert answer.status_code in (404, 405), (user.name, address)


def test_a_hidden_report_answers_like_one_that_never_was(
    report: Report, moderator: User, client: Client
) -> None:
    sign_in(client, moderator)
    hidden = client.get(reverse("intake:report", args=[report.pk]))
    absent = client.get(reverse("intake:report", args=[uuid4()]))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content


def test_a_moderators_pages_are_the_same_with_and_without_reports(
    keys: object, moderator: User, client: Client, request: pytest.FixtureRequest
) -> None:
    sign_in(client, moderator)
    before = client.get(reverse("cases:queue")).content
    request.getfixturevalue("report")
    after = client.get(reverse("cases:queue")).content
    assert _without_tokens(before) == _without_tokens(after)


def test_a_claimed_report_is_hidden_from_other_coordinators(
    report: Report, coordinator: User, other_coordinator: User
) -> None:
    assert Report.objects.visible_to(other_coordinator).filter(pk=report.pk).exists()
    access.claim(actor=coordinator, report=report)
    assert not Report.objects.visible_to(other_coordinator).filter(pk=report.pk).exists()


def test_a_share_that_is_taken_back_is_gone_at_the_next_request(
    report: Report, coordinator: User, moderator: User, client: Client
) -> None:
    """Shown to fail by leaving `in_force` out of `visible_to`."""
    access.claim(actor=coordinator, report=report)
    grant = access.share(actor=coordinator, report=report, user=moderator, reason="Works the case")
    sign_in(client, moderator)
    address = reverse("intake:report", args=[report.pk])
    assert client.get(address).status_code == 200
    access.end_share(actor=coordinator, grant=grant)
    assert client.get(address).status_code == 404
    read = client.post(reverse("intake:read", args=[report.pk]), {"reason": "To look"})
    assert read.status_code == 404


def test_a_grant_ends_by_itself(report: Report, coordinator: User) -> None:
    access.claim(actor=coordinator, report=report)
    ReportGrant.objects.using("owner").update(
        granted_at=timezone.now() - timedelta(days=31), ends_at=timezone.now()
    )
    assert not Report.objects.visible_to(coordinator).filter(pk=report.pk).exists()


def test_nobody_shares_a_report_with_themselves(report: Report, coordinator: User) -> None:
    access.claim(actor=coordinator, report=report)
    with pytest.raises(access.CannotShare):
        access.share(actor=coordinator, report=report, user=coordinator, reason="Mine")


def test_only_who_holds_it_shares_it(
    report: Report, coordinator: User, other_coordinator: User, moderator: User
) -> None:
    access.claim(actor=coordinator, report=report)
    with pytest.raises(access.NotYours):
        access.share(
            actor=other_coordinator, report=report, user=moderator, reason="Works the case"
        )


def _without_tokens(page: bytes) -> list[bytes]:
    return [line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line]
