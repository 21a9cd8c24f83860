"""What is held stays down: drift is seen, answered and measured, and silence is no agreement."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import EXECUTOR, PIPELINE, RECONCILER, SWEEPER
from accounts.models import AuditEvent, User
from platforms.enforcement import send_due
from platforms.incidents import close
from platforms.models import Enforcement, Incident, Platform, Profile
from platforms.profiles import pull
from platforms.reconcile import Reconciliation, platforms_to_read, reconcile_due
from platforms.sweeper import sweep
from tests.platforms.held import hold, hold_and_suspend, make_account, release_and_order_restore
from tests.platforms.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def read_now(platform: Platform) -> Reconciliation:
    """Let one cadence pass, and read."""
    Profile.objects.update(next_read_at=timezone.now())
    return reconcile_due(actor=RECONCILER, platform=platform)


def test_a_held_profile_that_is_down_is_read_and_nothing_follows(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    before = profile.observed_at

    assert read_now(platform) == Reconciliation(read=1)

    profile.refresh_from_db()
    assert profile.observed_at > before
    assert profile.last_down_at == profile.observed_at
    assert profile.next_read_at == profile.observed_at + timedelta(seconds=300)
    assert not Incident.objects.exists()
    assert Enforcement.objects.count() == 1


def test_a_mistaken_restore_becomes_an_incident_and_is_undone(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior, followers=3_200_000)
    known_down_at = profile.last_down_at
    sandbox.restore_without_asking("1")

    read_now(platform)

    incident = Incident.objects.get()
    assert (incident.kind, incident.state) == (Incident.Kind.DRIFT, Incident.State.OPEN)
    assert incident.began_at == known_down_at
    assert incident.reach_at_seen == 3_200_000
    again = Enforcement.objects.latest("pk")
    assert (again.action, again.cause, again.state) == ("suspend", "standing_approval", "approved")

    send_due(actor=EXECUTOR)

    assert sandbox.state("1") == "suspended"
    incident.refresh_from_db()
    assert incident.state == Incident.State.CONTAINED
    hours = (incident.contained_at - incident.began_at).total_seconds() / 3600
    assert incident.exposure_reach_hours == pytest.approx(hours * 3_200_000)
    assert not incident.needs_people
    verbs = AuditEvent.objects.about(f"incident:{incident.pk}").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["incident.opened", "incident.contained"]


def test_high_reach_is_read_every_twenty_seconds_and_the_rest_every_five_minutes(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    for external_id, followers in (("1", 3_200_000), ("2", 900)):
        hold_and_suspend(
            sandbox, platform, moderator, senior, external_id=external_id, followers=followers
        )
    read_now(platform)
    waits = {
        profile.external_id: (profile.next_read_at - profile.observed_at).total_seconds()
        for profile in Profile.objects.all()
    }
    assert waits == {"1": 20, "2": 300}


def test_one_drift_is_one_incident_however_often_it_is_seen(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.restore_without_asking("1")
    for _ in range(3):
        read_now(platform)
    assert Incident.objects.count() == 1
    assert Enforcement.objects.filter(cause="standing_approval").count() == 1


def test_after_three_reapplications_in_a_day_people_decide(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    for _ in range(4):
        sandbox.restore_without_asking("1")
        read_now(platform)
        send_due(actor=EXECUTOR)

    assert sandbox.verbs_applied("1") == ["suspend"] * 4
    assert sandbox.state("1") == "active"
    incident = Incident.objects.get(state=Incident.State.OPEN)
    assert incident.needs_people
    assert Incident.objects.filter(state=Incident.State.CONTAINED).count() == 3

    Enforcement.objects.update(created_at=timezone.now() - timedelta(hours=25))
    read_now(platform)
    send_due(actor=EXECUTOR)
    assert sandbox.state("1") == "suspended"


@pytest.mark.parametrize("state", ["suspended_by_platform", "deactivated", "gone"])
def test_an_account_that_is_down_for_another_reason_is_no_drift(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User, state: str
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.restore_without_asking("1")
    sandbox.change("1", state=state)
    read_now(platform)
    assert Profile.objects.get().observed_state == state
    assert not Incident.objects.exists()


def test_a_first_suspension_on_its_way_is_no_drift(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    read_now(platform)
    assert not Incident.objects.exists()
    assert Enforcement.objects.count() == 1


def test_a_hold_whose_action_was_ended_is_asked_for_again(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    Enforcement.objects.update(state="cancelled")
    read_now(platform)
    send_due(actor=EXECUTOR)
    assert sandbox.state("1") == "suspended"
    assert Incident.objects.get().state == Incident.State.CONTAINED


def test_a_new_drift_does_not_wait_for_an_old_backoff(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    hold(profile, moderator, senior)
    Enforcement.objects.unsettled().update(next_attempt_at=timezone.now() + timedelta(hours=1))
    sandbox.restore_without_asking("1")
    read_now(platform)
    assert send_due(actor=EXECUTOR) == 1
    assert sandbox.state("1") == "suspended"


def test_whoever_reads_it_a_drift_is_a_drift(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.restore_without_asking("1")
    pull(actor=PIPELINE, platform=platform)
    assert Incident.objects.get().kind == Incident.Kind.DRIFT


def test_a_profile_without_holds_is_not_read(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    make_account(sandbox, platform)
    assert read_now(platform) == Reconciliation()


def test_a_restored_account_is_active_by_right(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    release_and_order_restore(profile, moderator, senior)
    send_due(actor=EXECUTOR)
    read_now(platform)
    assert sandbox.state("1") == "active"
    assert not Incident.objects.exists()


def test_a_failed_reading_changes_nothing_that_was_known(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.faults(token_refused=True)
    report = read_now(platform)
    assert (report.read, report.not_read) == (0, 1)
    assert "token" in report.problem
    after = Profile.objects.get()
    assert (after.observed_state, after.observed_at) == ("suspended", profile.observed_at)
    platform.refresh_from_db()
    assert platform.failures_in_a_row == 1


def test_a_platform_that_asks_for_patience_is_left_alone(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.faults(limited=1, retry_after_seconds=300)
    read_now(platform)
    assert platforms_to_read(timezone.now()) == []
    assert platforms_to_read(timezone.now() + timedelta(seconds=301)) == [platform]


def test_silence_of_a_high_reach_profile_is_an_incident_and_never_looks_down(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior, followers=3_200_000)
    assert sweep(actor=SWEEPER).silent == 0
    heard_at = timezone.now() - timedelta(seconds=61)
    Profile.objects.update(observed_at=heard_at)

    found = sweep(actor=SWEEPER)

    assert (found.silent, found.unreadable) == (1, 1)
    incident = Incident.objects.get()
    assert (incident.kind, incident.began_at) == (Incident.Kind.SILENCE, heard_at)
    profile.refresh_from_db()
    assert profile.observed_state == "unreadable"
    assert sweep(actor=SWEEPER).silent == 0

    read_now(platform)
    incident.refresh_from_db()
    assert incident.state == Incident.State.CONTAINED
    profile.refresh_from_db()
    assert profile.observed_state == "suspended"


def test_a_high_reach_profile_that_was_never_read_is_silent_too(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform, followers=3_200_000), moderator, senior)
    with time_machine.travel(timezone.now() + timedelta(seconds=55)):
        assert sweep(actor=SWEEPER).silent == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=65)):
        assert sweep(actor=SWEEPER).silent == 1
    assert Profile.objects.get().observed_state == "not_read"


def test_silence_of_a_small_profile_is_shown_and_opens_nothing(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior, followers=900)
    Profile.objects.update(observed_at=timezone.now() - timedelta(seconds=899))
    assert sweep(actor=SWEEPER).unreadable == 0
    Profile.objects.update(observed_at=timezone.now() - timedelta(seconds=901))
    found = sweep(actor=SWEEPER)
    assert (found.silent, found.unreadable) == (0, 1)
    assert Profile.objects.get().observed_state == "unreadable"


def test_an_incident_ends_with_the_last_hold(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.restore_without_asking("1")
    read_now(platform)
    release_and_order_restore(profile, moderator, senior)
    assert sweep(actor=SWEEPER).over == 1
    assert Incident.objects.get().state == Incident.State.CONTAINED


def test_an_incident_is_closed_by_a_person_with_a_cause(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.restore_without_asking("1")
    read_now(platform)
    send_due(actor=EXECUTOR)
    close(actor=senior, incident=Incident.objects.get(), cause="An appeals tool asked nobody.")
    incident = Incident.objects.get()
    assert (incident.state, incident.closed_by) == (Incident.State.CLOSED, senior)


def test_a_change_of_name_while_held_is_a_new_version(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    sandbox.change("1", display_name="Somebody Else")
    read_now(platform)
    assert profile.versions.latest("number").display_name == "Somebody Else"


def test_a_reading_costs_the_same_queries_for_one_profile_and_for_many(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    def queries_now() -> int:
        Profile.objects.update(next_read_at=timezone.now())
        with CaptureQueriesContext(connection) as queries:
            reconcile_due(actor=RECONCILER, platform=platform)
        return len(queries)

    hold_and_suspend(sandbox, platform, moderator, senior)
    for_one = queries_now()
    for number in range(2, 12):
        hold_and_suspend(sandbox, platform, moderator, senior, external_id=str(number))
    assert queries_now() == for_one


def test_high_reach_is_read_first(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    for external_id, followers in (("1", 10), ("2", 3_200_000)):
        hold_and_suspend(
            sandbox, platform, moderator, senior, external_id=external_id, followers=followers
        )
    Platform.objects.update(capabilities={"batch_read_limit": 1})
    platform.refresh_from_db()
    assert read_now(platform).read == 2
    small, large = Profile.objects.order_by("external_id")
    assert large.observed_at < small.observed_at
