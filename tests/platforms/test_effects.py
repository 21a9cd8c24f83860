"""Holds that demand less than a suspension: withheld in a territory, labelled, earning nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.actors import EXECUTOR, RECONCILER
from accounts.models import User
from platforms.connectors.base import AccountReading, AccountState
from platforms.enforcement import send_due
from platforms.models import Effect, Enforcement, Hold, Incident, Platform, Profile
from platforms.observations import is_in_effect, is_met
from platforms.reconcile import reconcile_due
from tests.platforms.held import (
    hold,
    hold_with,
    make_account,
    release_and_order_restore,
)
from tests.platforms.sandbox import Sandbox

with_database = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def read_now(platform: Platform) -> None:
    Profile.objects.update(next_read_at=timezone.now())
    reconcile_due(actor=RECONCILER, platform=platform)


@with_database
def test_withheld_in_one_territory_and_lost_there_is_drift(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = make_account(sandbox, platform)
    hold_with(profile, moderator, senior, Effect.WITHHOLD, "DE")
    hold_with(profile, moderator, senior, Effect.WITHHOLD, "FR")
    send_due(actor=EXECUTOR)
    assert sandbox.state("1") == "withheld"
    read_now(platform)
    assert not Incident.objects.exists()

    sandbox.restore_without_asking("1")
    read_now(platform)
    send_due(actor=EXECUTOR)

    assert Incident.objects.get().state == Incident.State.CONTAINED
    again = Enforcement.objects.filter(cause="standing_approval", state="confirmed")
    assert set(again.values_list("territory", flat=True)) == {"DE", "FR"}


@with_database
@pytest.mark.parametrize("effect", [Effect.LABEL, Effect.MONETISATION_OFF])
def test_a_label_that_is_lost_comes_back_without_an_incident(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User, effect: Effect
) -> None:
    hold_with(make_account(sandbox, platform), moderator, senior, effect)
    send_due(actor=EXECUTOR)
    sandbox.restore_without_asking("1")
    read_now(platform)
    send_due(actor=EXECUTOR)
    assert sandbox.verbs_applied("1") == [effect, effect]
    assert not Enforcement.objects.unsettled().exists()
    assert not Incident.objects.exists()


@with_database
def test_a_restore_leaves_no_account_without_the_label_a_hold_demands(
    sandbox: Sandbox, platform: Platform, moderator: User, senior: User
) -> None:
    profile = make_account(sandbox, platform)
    hold(profile, moderator, senior)
    hold_with(profile, moderator, senior, Effect.LABEL)
    send_due(actor=EXECUTOR)
    release_and_order_restore(profile, moderator, senior)
    send_due(actor=EXECUTOR)
    assert sandbox.verbs_applied("1") == ["suspend", "label", "restore", "label"]
    assert sandbox.state("1") == "active"


READINGS = st.builds(
    AccountReading,
    external_id=st.just("1"),
    state=st.sampled_from(AccountState),
    read_at=st.just(datetime(2026, 11, 22, tzinfo=UTC)),
    withheld_in=st.frozensets(st.sampled_from(["DE", "FR"])),
    is_labelled=st.booleans(),
    is_monetised=st.booleans(),
)


@given(READINGS)
def test_an_account_that_others_can_see_never_meets_a_suspension(reading: AccountReading) -> None:
    is_up = reading.state in (AccountState.ACTIVE, AccountState.WITHHELD)
    assert is_met(reading, Hold(effect=Effect.SUSPEND)) is not is_up


@given(READINGS, st.sampled_from(["DE", "FR"]))
def test_an_account_that_is_up_meets_a_withholding_only_where_it_is_withheld(
    reading: AccountReading, territory: str
) -> None:
    is_up = reading.state in (AccountState.ACTIVE, AccountState.WITHHELD)
    met = is_met(reading, Hold(effect=Effect.WITHHOLD, territory=territory))
    assert met is (not is_up or territory in reading.withheld_in)


@given(READINGS)
def test_suspended_and_restored_are_never_both_in_effect(reading: AccountReading) -> None:
    suspended = is_in_effect(reading, action="suspend", territory="")
    restored = is_in_effect(reading, action="restore", territory="")
    assert not (suspended and restored)
