"""From an approved action to a state that was read back, with every way it can go wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.actors import EXECUTOR
from accounts.models import AuditEvent, User
from cases.models import HoldBasis
from platforms.attempts import Claim
from platforms.enforcement import (
    ABANDONED_AFTER,
    cancel_enforcement,
    claim_next,
    recover_abandoned,
    send,
    send_due,
)
from platforms.models import Enforcement, Hold, Incident, Platform
from platforms.refusals import InvalidTransition
from tests.cases.builders import make_profile
from tests.platforms.held import hold, hold_and_suspend, make_account, release_and_order_restore
from tests.platforms.processes import database_environment
from tests.platforms.sandbox import ROOT, Sandbox

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

State = Enforcement.State


def make_due() -> None:
    """Let the time of every backoff and of an open circuit pass."""
    Enforcement.objects.unsettled().update(next_attempt_at=timezone.now())
    Platform.objects.update(circuit_open_until=None)


def claimed() -> Claim:
    claim = claim_next(actor=EXECUTOR)
    assert claim is not None
    return claim


def test_a_suspension_is_sent_once_and_confirmed_by_reading_back(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = make_account(sandbox, platform)
    hold(profile, moderator, senior)

    assert send_due(actor=EXECUTOR) == 1

    enforcement = Enforcement.objects.get()
    assert enforcement.state == State.CONFIRMED
    assert enforcement.settled_at is not None
    assert enforcement.platform_reply["state"] == "suspended"
    assert sandbox.verbs_applied("1") == ["suspend"]
    profile.refresh_from_db()
    assert profile.observed_state == "suspended"
    assert profile.last_down_at == profile.observed_at
    assert not Incident.objects.exists()
    assert send_due(actor=EXECUTOR) == 0


def test_each_step_leaves_an_event(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    reference = f"enforcement:{Enforcement.objects.get().pk}"
    verbs = AuditEvent.objects.about(reference).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["enforcement.approved", "enforcement.sending", "enforcement.confirmed"]


def test_the_platform_is_told_a_number_and_no_name(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold_and_suspend(sandbox, platform, moderator, senior)
    assert sandbox.events("1")[0]["reference"] == f"EN-{Enforcement.objects.get().pk}"


def test_a_dropped_answer_is_found_by_reading_and_never_sent_again(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(dropped_actions=1)
    send_due(actor=EXECUTOR)
    assert Enforcement.objects.get().state == State.UNKNOWN

    # Whatever is sent now would not be answered either: only a reading can settle it.
    sandbox.faults(dropped_actions=1)
    make_due()
    send_due(actor=EXECUTOR)

    assert Enforcement.objects.get().state == State.CONFIRMED
    assert sandbox.verbs_applied("1") == ["suspend"]


@pytest.mark.parametrize(
    ("fault", "state"), [("unavailable", State.FAILED), ("errors", State.UNKNOWN)]
)
def test_a_failed_attempt_stays_visible_and_is_tried_again_later(
    sandbox: Sandbox,
    platform: Platform,
    moderator: User,
    senior: User,
    fault: str,
    state: Enforcement.State,
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(**{fault: 1})
    started_at = timezone.now()
    send_due(actor=EXECUTOR)
    enforcement = Enforcement.objects.get()
    assert enforcement.state == state
    assert enforcement.problem
    assert enforcement.next_attempt_at > started_at
    assert enforcement in Enforcement.objects.unsettled()

    make_due()
    send_due(actor=EXECUTOR)
    assert Enforcement.objects.get().state == State.CONFIRMED


def test_waits_grow_with_each_attempt_up_to_a_limit(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(unavailable=1000)
    waits = []
    for _ in range(11):
        make_due()
        before = timezone.now()
        send_due(actor=EXECUTOR)
        waits.append((Enforcement.objects.get().next_attempt_at - before).total_seconds())
    # Each wait is between half and all of 2, 4, 8 … seconds, and of 300 at most.
    for number, wait_seconds in enumerate(waits):
        longest = min(2 * 2**number, 300)
        assert longest / 2 <= wait_seconds <= longest + 15


def test_a_rate_limit_makes_the_whole_platform_wait(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    for number in "12":
        hold(make_account(sandbox, platform, number), moderator, senior)
    sandbox.faults(limited=1, retry_after_seconds=600)
    assert send_due(actor=EXECUTOR) == 1
    platform.refresh_from_db()
    assert platform.circuit_open_until is not None
    assert platform.circuit_open_until > timezone.now() + timedelta(seconds=500)
    assert send_due(actor=EXECUTOR) == 0


def test_a_refusal_waits_for_people_and_is_not_repeated_at_once(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = make_account(sandbox, platform)
    hold(profile, moderator, senior)
    sandbox.change("1", state="gone")
    send_due(actor=EXECUTOR)
    enforcement = Enforcement.objects.get()
    assert enforcement.state == State.FAILED
    assert "deleted" in enforcement.problem
    assert enforcement.next_attempt_at > timezone.now() + timedelta(minutes=50)

    # The next look finds it gone, which is as down as can be.
    make_due()
    send_due(actor=EXECUTOR)
    assert Enforcement.objects.get().state == State.CONFIRMED


def test_what_the_platform_only_claims_is_not_believed(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(ignored_actions=1)
    send_due(actor=EXECUTOR)
    enforcement = Enforcement.objects.get()
    assert enforcement.state == State.FAILED
    assert "reads as active" in enforcement.problem
    make_due()
    send_due(actor=EXECUTOR)
    assert Enforcement.objects.get().state == State.CONFIRMED


def test_an_action_that_was_undone_is_asked_for_with_a_new_key(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    """Its answer was lost, and before we read somebody restored: the old key is spent."""
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(dropped_actions=1)
    send_due(actor=EXECUTOR)
    sandbox.restore_without_asking("1")
    for _ in range(2):
        make_due()
        send_due(actor=EXECUTOR)
    make_due()
    send_due(actor=EXECUTOR)

    first, second = Enforcement.objects.order_by("pk")
    assert first.state == State.CANCELLED
    assert "undone" in first.problem
    assert (second.state, second.cause) == (State.CONFIRMED, "standing_approval")
    assert first.idempotency_key != second.idempotency_key
    assert sandbox.state("1") == "suspended"
    assert Incident.objects.get().state == Incident.State.CONTAINED


def test_the_circuit_opens_after_five_failures_and_closes_with_an_answer(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    for number in range(7):
        hold(make_account(sandbox, platform, str(number)), moderator, senior)
    sandbox.faults(unavailable=5)

    assert send_due(actor=EXECUTOR) == 5
    platform.refresh_from_db()
    assert platform.failures_in_a_row == 5
    assert send_due(actor=EXECUTOR) == 0

    make_due()
    assert send_due(actor=EXECUTOR) == 7
    platform.refresh_from_db()
    assert (platform.failures_in_a_row, platform.circuit_open_until) == (0, None)
    assert not Enforcement.objects.unsettled().exists()


def test_one_platforms_circuit_does_not_stop_another(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    away = Platform.objects.create(
        slug="away",
        name="Away",
        connector="holdfast_http",
        base_url="http://127.0.0.1:9",
        token_reference=platform.token_reference,
        failures_in_a_row=5,
        circuit_open_until=timezone.now() + timedelta(minutes=5),
    )
    hold(make_profile(away), moderator, senior)
    hold(make_account(sandbox, platform), moderator, senior)
    assert send_due(actor=EXECUTOR) == 1
    assert sandbox.state("1") == "suspended"


def test_a_missing_token_fails_loudly_and_sends_nothing(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    Platform.objects.update(token_reference="env:HOLDFAST_NOT_SET")
    send_due(actor=EXECUTOR)
    enforcement = Enforcement.objects.get()
    assert enforcement.state == State.FAILED
    assert "HOLDFAST_NOT_SET" in enforcement.problem


def test_an_abandoned_action_is_recovered_and_found_applied(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    """A worker process is killed after the platform applied it, before it could record."""
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(delay_seconds=60)
    worker = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import django; django.setup()\n"
            "from accounts.actors import EXECUTOR\n"
            "from platforms.enforcement import send_due\n"
            "send_due(actor=EXECUTOR)\n",
        ],
        cwd=ROOT,
        env=os.environ | database_environment(),
    )
    while not sandbox.verbs_applied("1"):
        assert worker.poll() is None, "the worker ended before it sent anything"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    sandbox.faults()
    assert Enforcement.objects.get().state == State.SENDING
    assert send_due(actor=EXECUTOR) == 0
    assert recover_abandoned(actor=EXECUTOR) == 0

    Enforcement.objects.update(sent_at=timezone.now() - ABANDONED_AFTER - timedelta(seconds=1))
    assert recover_abandoned(actor=EXECUTOR) == 1
    assert Enforcement.objects.get().state == State.UNKNOWN
    sandbox.faults(dropped_actions=1)
    send_due(actor=EXECUTOR)

    assert Enforcement.objects.get().state == State.CONFIRMED
    assert sandbox.verbs_applied("1") == ["suspend"]


def test_a_worker_that_comes_back_late_changes_nothing_a_younger_attempt_decided(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    late = claimed()
    Enforcement.objects.update(sent_at=timezone.now() - ABANDONED_AFTER - timedelta(seconds=1))
    recover_abandoned(actor=EXECUTOR)
    send_due(actor=EXECUTOR)
    assert Enforcement.objects.get().state == State.CONFIRMED

    send(actor=EXECUTOR, claim=late)

    assert Enforcement.objects.get().state == State.CONFIRMED
    assert Enforcement.objects.get().attempts == 2
    assert sandbox.verbs_applied("1") == ["suspend"]


def test_a_stalled_worker_does_not_send_what_it_claimed_long_ago(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    claim = claimed()
    stalled = Claim(**{**vars(claim), "claimed_at": claim.claimed_at - timedelta(seconds=60)})
    send(actor=EXECUTOR, claim=stalled)
    assert sandbox.verbs_applied("1") == []
    assert Enforcement.objects.get().state == State.FAILED


def test_a_message_delivered_twice_sends_once(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    claim = claimed()
    assert claim_next(actor=EXECUTOR) is None
    send(actor=EXECUTOR, claim=claim)
    send(actor=EXECUTOR, claim=claim)
    assert sandbox.verbs_applied("1") == ["suspend"]
    assert Enforcement.objects.get().state == State.CONFIRMED


def test_a_restore_gives_the_account_back_after_two_decisions(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    restore = release_and_order_restore(profile, moderator, senior)
    assert sandbox.state("1") == "suspended"

    send_due(actor=EXECUTOR)

    restore.refresh_from_db()
    assert restore.state == State.CONFIRMED
    assert sandbox.state("1") == "active"
    profile.refresh_from_db()
    assert profile.observed_state == "active"
    assert not Incident.objects.exists()


def test_a_hold_placed_while_a_restore_is_in_flight_queues_a_suspension_right_behind(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    release_and_order_restore(profile, moderator, senior)
    restore = claimed()
    assert restore.action == "restore"

    hold(profile, moderator, senior)
    assert claim_next(actor=EXECUTOR) is None, "one action at a time for one profile"
    send(actor=EXECUTOR, claim=restore)
    assert send_due(actor=EXECUTOR) == 1

    assert sandbox.verbs_applied("1") == ["suspend", "restore", "suspend"]
    assert sandbox.state("1") == "suspended"
    assert not Enforcement.objects.unsettled().exists()


def test_a_restore_that_a_hold_overtook_is_cancelled_unsent(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    restore = release_and_order_restore(profile, moderator, senior)
    hold(profile, moderator, senior)
    send_due(actor=EXECUTOR)
    restore.refresh_from_db()
    assert restore.state == State.CANCELLED
    assert "restore" not in sandbox.verbs_applied("1")
    assert sandbox.state("1") == "suspended"


def test_a_restore_that_finds_holds_standing_is_cancelled_and_names_each(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    """Holds that came into the table past our own verb still stop it, at the last moment."""
    profile = hold_and_suspend(sandbox, platform, moderator, senior)
    basis = profile.holds.get().basis
    restore = release_and_order_restore(profile, moderator, senior)
    for title in ("An order of a court", "A rule of ours"):
        with transaction.atomic():
            placed = Hold.objects.create(
                profile=profile,
                kind=Hold.Kind.COURT_ORDER,
                source="court",
                entry_key=title,
                title=title,
                placed_by=moderator,
            )
            HoldBasis.objects.create(hold=placed, placed_by_decision=basis.placed_by_decision)
    assert send_due(actor=EXECUTOR) == 0
    restore.refresh_from_db()
    assert restore.state == State.CANCELLED
    assert "An order of a court" in restore.problem
    assert "A rule of ours" in restore.problem
    assert sandbox.verbs_applied("1") == ["suspend"]


def test_a_suspension_whose_hold_was_lifted_is_cancelled_unsent(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = make_account(sandbox, platform)
    hold(profile, moderator, senior)
    release_and_order_restore(profile, moderator, senior)
    send_due(actor=EXECUTOR)
    assert sandbox.verbs_applied("1") == ["restore"]
    assert Enforcement.objects.get(action="suspend").state == State.CANCELLED


def test_a_person_can_end_what_failed_and_cannot_undo_what_was_done(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    hold(make_account(sandbox, platform), moderator, senior)
    sandbox.faults(unavailable=1)
    send_due(actor=EXECUTOR)
    ended = cancel_enforcement(
        actor=senior, enforcement=Enforcement.objects.get(), reason="The account is ours."
    )
    assert (ended.state, ended.problem) == (State.CANCELLED, "The account is ours.")
    with pytest.raises(InvalidTransition):
        cancel_enforcement(actor=senior, enforcement=ended, reason="Again.")
