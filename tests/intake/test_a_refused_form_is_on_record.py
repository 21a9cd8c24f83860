"""What a form refuses stands in the record, as every other refusal does."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from intake import access
from intake.columns import today
from intake.models import Report
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def held(report: Report, coordinator: User, client: Client) -> Report:
    access.claim(actor=coordinator, report=report)
    sign_in(client, coordinator)
    return report


def refused_by(rule: str) -> bool:
    return AuditEvent.objects.filter(verb="refused", changes__rule=rule).exists()


def test_a_report_that_is_shared_twice(held: Report, moderator: User, client: Client) -> None:
    typed = {"email": moderator.email, "reason": "Works on it"}
    address = reverse("intake:share", args=[held.pk])
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 422
    assert refused_by("report_cannot_share")


def test_a_legal_hold_that_waits_already(held: Report, client: Client) -> None:
    typed = {"reason": "A court asks", "ends_on": today() + timedelta(days=30)}
    address = reverse("intake:propose_hold", args=[held.pk])
    assert client.post(address, typed).status_code == 302
    assert client.post(address, typed).status_code == 422
    assert refused_by("legal_hold_refused")
