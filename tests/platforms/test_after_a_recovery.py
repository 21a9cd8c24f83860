"""Rule 13: in a database that was recovered nothing goes out before people have looked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import EXECUTOR, RECONCILER
from accounts.models import AuditEvent, User
from platforms import outbound
from platforms.enforcement import send_due
from platforms.models import DatabaseIdentity, OutboundPause, Platform, Profile
from platforms.reconcile import reconcile_due
from tests.platforms.held import hold, hold_and_suspend, make_account
from tests.platforms.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

OTHER_MARKS = [
    {"system_identifier": "7000000000000000000"},
    {"timeline": 99},
    {"database_oid": 1},
]


def recover(**marks: object) -> None:
    """Leave the marks of another database in this one, as a dump from there would."""
    DatabaseIdentity.objects.update(**marks)


@pytest.mark.parametrize("marks", OTHER_MARKS, ids=lambda marks: next(iter(marks)))
def test_a_recovered_database_sends_nothing(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User, marks: dict[str, object]
) -> None:
    send_due(actor=EXECUTOR)
    recover(**marks)
    hold(make_account(sandbox, platform), moderator, senior)

    assert send_due(actor=EXECUTOR) == 0
    assert sandbox.state("1") == "active"
    pause = OutboundPause.objects.in_force().get()
    assert pause.paused_by is None
    assert "recovered" in pause.reason
    assert AuditEvent.objects.filter(verb="outbound.paused", reason=pause.reason).exists()


def test_a_database_seen_for_the_first_time_is_taken_for_what_it_is(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    assert not DatabaseIdentity.objects.exists()
    hold_and_suspend(sandbox, platform, moderator, senior)
    assert not OutboundPause.objects.exists()


def test_the_pause_ends_only_after_every_held_account_was_read(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User, administrator: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    recover(timeline=99)
    send_due(actor=EXECUTOR)
    pause = OutboundPause.objects.in_force().get()
    outbound.ask_to_resume(actor=senior, pause=pause)

    with pytest.raises(outbound.NotReconciled, match="1 held accounts were not read"):
        outbound.resume_outbound(actor=administrator, pause=pause)

    reconcile_due(actor=RECONCILER, platform=platform)
    outbound.resume_outbound(actor=administrator, pause=pause)
    assert send_due(actor=EXECUTOR) == 0
    assert not OutboundPause.objects.in_force().exists()


def test_an_account_the_platform_does_not_show_counts_once_it_was_asked_for(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    recover(timeline=99)
    send_due(actor=EXECUTOR)
    later = timezone.now() + timedelta(seconds=20)
    Profile.objects.update(next_read_at=later)
    assert _accounts_to_read() == 0

    Platform.objects.update(failures_in_a_row=1)
    assert _accounts_to_read() == 1


def test_a_pause_that_stood_before_waits_for_readings_too(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    outbound.pause_outbound(actor=senior, platform=platform, reason="An outage.")
    recover(timeline=99)
    send_due(actor=EXECUTOR)

    assert OutboundPause.objects.in_force().get().reason == "An outage."
    assert _accounts_to_read() == 1


def _accounts_to_read() -> int:
    pause = OutboundPause.objects.in_force().with_accounts_to_read().get()
    return pause.accounts_to_read
