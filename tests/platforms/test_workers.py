"""Many workers at once, and Celery's own: real processes, real Redis, real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connections
from django.utils import timezone

from accounts.actors import EXECUTOR, RECONCILER
from accounts.models import User
from platforms.enforcement import send_due
from platforms.hints import SEND_DUE_ENFORCEMENTS
from platforms.models import Enforcement, Incident, Platform, Profile
from platforms.reconcile import reconcile_due
from platforms.tasks import reconcile_due as reconcile_task
from platforms.tasks import send_due_enforcements
from tests.platforms.held import hold, hold_and_suspend, make_account
from tests.platforms.processes import database_environment
from tests.platforms.sandbox import ROOT, TOKEN, TOKEN_ENV, Sandbox

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

PATIENCE_SECONDS = 60


def together(*works: object) -> None:
    """Run each on a connection of its own, at once, and fail if one of them failed."""
    errors: list[BaseException] = []

    def run(work: object) -> None:
        try:
            assert callable(work)
            work()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_many_executors_send_each_action_once(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    for number in range(20):
        hold(make_account(sandbox, platform, str(number)), moderator, senior)
    together(*[lambda: send_due(actor=EXECUTOR)] * 6)
    assert Enforcement.objects.filter(state="confirmed", attempts=1).count() == 20
    assert all(sandbox.verbs_applied(str(n)) == ["suspend"] for n in range(20))


def test_many_reconcilers_open_one_incident_and_apply_again_once(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    for number in range(5):
        hold_and_suspend(sandbox, platform, moderator, senior, external_id=str(number))
        sandbox.restore_without_asking(str(number))
    Profile.objects.update(next_read_at=timezone.now())

    def reconcile() -> None:
        reconcile_due(actor=RECONCILER, platform=platform)

    def send() -> None:
        send_due(actor=EXECUTOR)

    together(*[reconcile, send] * 4)
    send_due(actor=EXECUTOR)

    assert Incident.objects.count() == 5
    assert Enforcement.objects.filter(cause="standing_approval").count() == 5
    assert all(sandbox.verbs_applied(str(n)) == ["suspend"] * 2 for n in range(5))


def test_holds_and_executors_at_once_do_not_block_each_other_for_good(
    sandbox: Sandbox, platform: Platform, moderator: User, other_moderator: User, senior: User
) -> None:
    profiles = [make_account(sandbox, platform, str(number)) for number in range(6)]

    def hold_all(proposer: User) -> None:
        for profile in profiles:
            hold(profile, proposer, senior)

    together(
        lambda: hold_all(moderator),
        *[lambda: [send_due(actor=EXECUTOR) for _ in range(10)]] * 3,
        *[lambda: [reconcile_due(actor=RECONCILER, platform=platform) for _ in range(5)]] * 2,
    )
    send_due(actor=EXECUTOR)
    assert all(sandbox.state(str(n)) == "suspended" for n in range(6))
    assert not Incident.objects.exists()


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on the enforcement queue, with the test's database."""
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "celery", "--app", "config.celery", "worker"),
            *("--queues", "enforcement", "--pool", "solo", "--loglevel", "ERROR"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        cwd=ROOT,
        env=os.environ | database_environment() | {TOKEN_ENV: TOKEN},
    )
    yield process
    process.terminate()
    process.wait(timeout=PATIENCE_SECONDS)


def wait_for(sandbox: Sandbox, external_id: str, verbs: list[str]) -> None:
    """Give a worker time. The time is a limit for a broken test, and no part of what is shown."""
    until = time.monotonic() + PATIENCE_SECONDS
    while sandbox.verbs_applied(external_id) != verbs:
        assert time.monotonic() < until, f"still {sandbox.verbs_applied(external_id)}"
        time.sleep(0.1)


def test_a_placed_hold_reaches_the_platform_through_celery(
    sandbox: Sandbox,
    platform: Platform,
    moderator: User,
    senior: User,
    worker: subprocess.Popen[bytes],
) -> None:
    """Nobody calls the executor here: committing the decision is enough."""
    hold(make_account(sandbox, platform, followers=10), moderator, senior)
    wait_for(sandbox, "1", ["suspend"])

    sandbox.restore_without_asking("1")
    Profile.objects.update(next_read_at=timezone.now())
    reconcile_task.delay()
    wait_for(sandbox, "1", ["suspend", "suspend"])


def test_the_hint_names_a_task_that_exists() -> None:
    assert send_due_enforcements.name == SEND_DUE_ENFORCEMENTS
