"""A held profile whose account is in the sandbox, made through the product's own verbs."""

from __future__ import annotations

from typing import Any

from accounts.actors import EXECUTOR, PIPELINE
from accounts.models import User
from cases import opening
from cases.models import Decision
from platforms.enforcement import send_due
from platforms.models import Enforcement, Platform, Profile
from platforms.profiles import upsert_profiles
from sanctions.models import Designation
from tests.cases.builders import (
    approve,
    delist,
    make_designation,
    make_match,
    policy,
    propose,
    suspend,
)
from tests.platforms.sandbox import Sandbox, account


def make_account(
    sandbox: Sandbox, platform: Platform, external_id: str = "1", **fields: Any
) -> Profile:
    """An account on the platform, known to Holdfast, with no hold."""
    row = account(external_id, **fields)
    sandbox.add(row)
    upsert_profiles(actor=PIPELINE, platform=platform, rows=[row])
    return Profile.objects.get(platform=platform, external_id=external_id)


def hold(profile: Profile, proposer: User, senior: User) -> Designation:
    """Place one more hold, by a decision of two people where the reach asks for it."""
    designation = make_designation()
    match = make_match(profile, designation)
    case = opening.open_for_matches(actor=PIPELINE, profile=profile, matches=[match])
    decision = suspend(proposer, case)
    if decision.state == Decision.State.PROPOSED:
        approve(senior, decision)
    profile.refresh_from_db()
    return designation


def hold_and_suspend(
    sandbox: Sandbox,
    platform: Platform,
    proposer: User,
    senior: User,
    external_id: str = "1",
    **fields: Any,
) -> Profile:
    """An account that is down on the platform, read back, because a hold stands."""
    profile = make_account(sandbox, platform, external_id, **fields)
    hold(profile, proposer, senior)
    send_due(actor=EXECUTOR)
    assert sandbox.state(external_id) == "suspended"
    profile.refresh_from_db()
    return profile


def release_and_order_restore(profile: Profile, proposer: User, senior: User) -> Enforcement:
    """Lift every hold on a delisting, then order the restore, each by two people."""
    for standing in list(profile.holds.standing()):
        designation = standing.basis.designation
        assert designation is not None
        list_version = delist(designation)
        case = opening.open_for_delisting(actor=PIPELINE, profile=profile, designation=designation)
        approve(
            senior,
            propose(
                proposer,
                case,
                Decision.Outcome.RELEASE_HOLD,
                policy=policy("delisting"),
                holds=[standing],
                ground=Decision.Ground.DELISTED,
                list_version=list_version,
            ),
        )
    approve(senior, propose(proposer, case, Decision.Outcome.RESTORE, policy=policy("delisting")))
    return Enforcement.objects.get(profile=profile, action="restore", state="approved")
