"""Rule 13: one person or a guard stops what goes out, and two people let it go on."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from accounts.actors import EXECUTOR, RECONCILER
from accounts.models import User
from accounts.refusals import NotAllowed
from platforms import outbound
from platforms.enforcement import send_due
from platforms.models import Enforcement, OutboundPause, Platform, Profile
from platforms.reconcile import reconcile_due
from tests.platforms.held import hold, hold_and_suspend, make_account
from tests.platforms.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.mark.parametrize("for_all", [True, False])
def test_a_pause_stops_what_goes_out_until_two_people_resume(
    sandbox: Sandbox,
    platform: Platform,
    moderator: User,
    senior: User,
    administrator: User,
    for_all: bool,
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    pause = outbound.pause_outbound(
        actor=senior, platform=None if for_all else platform, reason="A wrong list."
    )
    assert send_due(actor=EXECUTOR) == 0
    assert sandbox.state("1") == "active"

    with pytest.raises(outbound.SecondPersonNeeded):
        outbound.resume_outbound(actor=senior, pause=pause)
    outbound.ask_to_resume(actor=senior, pause=pause)
    with pytest.raises(outbound.SecondPersonNeeded):
        outbound.resume_outbound(actor=senior, pause=pause)
    assert send_due(actor=EXECUTOR) == 0
    outbound.resume_outbound(actor=administrator, pause=pause)

    assert send_due(actor=EXECUTOR) == 1
    assert sandbox.state("1") == "suspended"


def test_a_pause_of_one_platform_stops_no_other(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    elsewhere = Platform.objects.create(slug="elsewhere", name="Elsewhere", connector="x")
    outbound.pause_outbound(actor=senior, platform=elsewhere, reason="Maintenance.")
    hold(make_account(sandbox, platform), moderator, senior)
    assert send_due(actor=EXECUTOR) == 1


def test_readings_go_on_during_a_pause(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    outbound.pause_outbound(actor=senior, platform=None, reason="A wrong list.")
    sandbox.restore_without_asking("1")
    Profile.objects.update(next_read_at="2026-01-01T00:00:00Z")
    assert reconcile_due(actor=RECONCILER, platform=platform).read == 1
    assert Profile.objects.get().observed_state == "active"
    assert send_due(actor=EXECUTOR) == 0


def test_one_pause_is_in_force_for_one_platform(platform: Platform, senior: User) -> None:
    outbound.pause_outbound(actor=senior, platform=platform, reason="One.")
    with pytest.raises(outbound.AlreadyPaused, match="Lumen"):
        outbound.pause_outbound(actor=senior, platform=platform, reason="Two.")


def test_who_may_pause_and_resume(
    platform: Platform, moderator: User, senior: User, administrator: User
) -> None:
    with pytest.raises(NotAllowed):
        outbound.pause_outbound(actor=moderator, platform=platform, reason="No role for it.")
    pause = outbound.pause_outbound(actor=administrator, platform=platform, reason="Yes.")
    with pytest.raises(NotAllowed):
        outbound.ask_to_resume(actor=moderator, pause=pause)
    outbound.ask_to_resume(actor=administrator, pause=pause)
    with pytest.raises(NotAllowed):
        outbound.resume_outbound(actor=moderator, pause=pause)
    outbound.resume_outbound(actor=senior, pause=pause)
    with pytest.raises(outbound.NotPaused):
        outbound.resume_outbound(actor=senior, pause=pause)


def test_more_suspensions_in_an_hour_than_allowed_stop_for_two_people(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User, administrator: User
) -> None:
    Platform.objects.update(suspensions_per_hour_limit=3)
    for number in range(5):
        hold(make_account(sandbox, platform, str(number)), moderator, senior)

    assert send_due(actor=EXECUTOR) == 3

    pause = OutboundPause.objects.in_force().get()
    assert pause.paused_by is None
    assert "3 suspensions" in pause.reason
    assert Enforcement.objects.filter(state="approved").count() == 2
    assert send_due(actor=EXECUTOR) == 0

    outbound.ask_to_resume(actor=senior, pause=pause)
    outbound.resume_outbound(actor=administrator, pause=pause)
    assert send_due(actor=EXECUTOR) == 2


def test_a_large_part_of_a_small_platform_stops_for_two_people(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    Platform.objects.update(suspensions_percent_limit=75)
    for number in range(16):
        profile = make_account(sandbox, platform, str(number))
        if number < 14:
            hold(profile, moderator, senior)

    assert send_due(actor=EXECUTOR) == 12
    assert "75 % of the accounts" in OutboundPause.objects.in_force().get().reason


def test_ten_suspensions_are_no_burst_however_small_the_platform(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    Platform.objects.update(suspensions_percent_limit=1)
    for number in range(11):
        hold(make_account(sandbox, platform, str(number)), moderator, senior)

    assert send_due(actor=EXECUTOR) == 10
    assert OutboundPause.objects.in_force().exists()


def test_many_workers_together_do_not_pass_the_hourly_limit(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    Platform.objects.update(suspensions_per_hour_limit=4)
    for number in range(12):
        hold(make_account(sandbox, platform, str(number)), moderator, senior)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            send_due(actor=EXECUTOR)
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert Enforcement.objects.filter(state="confirmed").count() == 4
    assert OutboundPause.objects.in_force().count() == 1
    assert sum(sandbox.state(str(n)) == "suspended" for n in range(12)) == 4
