"""The vault as these tests need it: a request whose 24 hours are over, and a release."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connections
from django.db.backends.utils import CursorWrapper

from accounts.models import User
from intake.models.vault import IdentityRequest
from intake.vault import requests
from tests.intake.conftest import PASSPHRASE


@contextmanager
def unguarded() -> Iterator[CursorWrapper]:
    """The guards of requests taken off, as only who owns the table can."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE intake_identityrequest DISABLE TRIGGER USER")
        try:
            yield cursor
        finally:
            cursor.execute("ALTER TABLE intake_identityrequest ENABLE TRIGGER USER")


def let_time_pass(request: IdentityRequest, **span: float) -> IdentityRequest:
    """Move a request into the past."""
    past = timedelta(**span)
    with unguarded() as cursor:
        cursor.execute(
            "UPDATE intake_identityrequest SET requested_at = requested_at - %s, "
            "objections_until = objections_until - %s, visible_until = visible_until - %s "
            "WHERE id = %s",
            [past, past, past, request.pk],
        )
    request.refresh_from_db()
    return request


def released(request: IdentityRequest, *custodians: User) -> IdentityRequest:
    """Wait for the reporter, then have the custodians agree."""
    let_time_pass(request, hours=24)
    for custodian in custodians:
        requests.approve(actor=custodian, request=request, passphrase=PASSPHRASE)
    request.refresh_from_db()
    return request
