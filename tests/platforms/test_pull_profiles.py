from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.actors import PROFILE_PULL
from platforms.connectors.base import AccountReading, AccountState
from platforms.models import Platform, Profile
from platforms.profiles import claim_platforms_to_pull, pull, record_readings
from tests.platforms.sandbox import Sandbox, account


def test_every_account_is_pulled_with_its_state(sandbox: Sandbox, platform: Platform) -> None:
    sandbox.add(
        account("1", followers=7),
        account("2", state="suspended_by_platform"),
        account("3", state="gone"),
    )
    result = pull(actor=PROFILE_PULL, platform=platform)
    assert (result.created, result.errors) == (3, [])
    assert dict(Profile.objects.values_list("external_id", "observed_state")) == {
        "1": "active",
        "2": "suspended_by_platform",
        "3": "gone",
    }
    platform.refresh_from_db()
    assert platform.capabilities["reversible_until_days"] == 30


def test_a_second_pull_finds_only_what_changed(sandbox: Sandbox, platform: Platform) -> None:
    sandbox.add(account("1"), account("2"))
    pull(actor=PROFILE_PULL, platform=platform)
    sandbox.change("2", bio="new")
    result = pull(actor=PROFILE_PULL, platform=platform)
    assert (result.created, result.changed, result.unchanged) == (0, 1, 1)
    assert result.profile_ids == [Profile.objects.get(external_id="2").pk]


def test_pages_are_no_longer_than_the_platform_allows(sandbox: Sandbox, platform: Platform) -> None:
    sandbox.add(*(account(f"{n:04}") for n in range(1203)))
    assert pull(actor=PROFILE_PULL, platform=platform).created == 1203


def test_an_account_that_cannot_be_stored_is_reported_and_its_state_is_kept(
    sandbox: Sandbox, platform: Platform
) -> None:
    sandbox.add(account("1"), account("2"))
    pull(actor=PROFILE_PULL, platform=platform)
    sandbox.change("1", bio="zero \x00 byte", state="suspended_by_platform")
    result = pull(actor=PROFILE_PULL, platform=platform)
    assert [(e.external_id, "bio" in e.message) for e in result.errors] == [("1", True)]
    profile = Profile.objects.get(external_id="1")
    assert (profile.observed_state, profile.bio) == ("suspended_by_platform", "")


def test_a_late_reading_does_not_hide_a_newer_one(platform: Platform) -> None:
    now = timezone.now()

    def reading(state: AccountState, seconds_ago: int) -> AccountReading:
        return AccountReading(
            external_id="1",
            handle=f"as_of_{seconds_ago}",
            state=state,
            read_at=now - timedelta(seconds=seconds_ago),
        )

    for one in (reading(AccountState.SUSPENDED, 5), reading(AccountState.ACTIVE, 9)):
        record_readings(actor=PROFILE_PULL, platform=platform, readings=[one])
    profile = Profile.objects.get()
    assert (profile.observed_state, profile.handle) == ("suspended", "as_of_5")


def test_the_command_prints_one_json_object(sandbox: Sandbox, platform: Platform) -> None:
    sandbox.add(account("1"))
    out = io.StringIO()
    call_command("pull_profiles", platform.slug, "--json", stdout=out)
    assert json.loads(out.getvalue())["created"] == 1


def test_the_command_says_what_the_platform_did(sandbox: Sandbox, platform: Platform) -> None:
    sandbox.faults(token_refused=True)
    with pytest.raises(CommandError, match="refuses our token"):
        call_command("pull_profiles", platform.slug)


def test_two_ticks_give_each_platform_out_once(db: None) -> None:
    platform = Platform.objects.create(
        slug="due", name="Due", connector="holdfast_http", base_url="http://localhost:1"
    )
    now = timezone.now()

    assert claim_platforms_to_pull(at=now) == [platform.pk]
    assert claim_platforms_to_pull(at=now) == []
    later = now + timedelta(minutes=platform.pull_cadence_minutes)
    assert claim_platforms_to_pull(at=later) == [platform.pk]
