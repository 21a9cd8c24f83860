"""A held profile whose account is in the sandbox, made through the product's own verbs."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.actors import EXECUTOR, PIPELINE
from accounts.models import User
from cases import opening
from cases.models import Decision, HoldBasis
from platforms.enforcement import send_due
from platforms.holds import Reason, place_hold
from platforms.models import Effect, Enforcement, Hold, Platform, Profile
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


def hold_with(
    profile: Profile, proposer: User, senior: User, effect: Effect, territory: str = ""
) -> Hold:
    """Place a hold with another effect than a suspension, on the basis of a decision."""
    case = opening.open_for_matches(
        actor=PIPELINE, profile=profile, matches=[make_match(profile, make_designation())]
    )
    decision = propose(
        proposer, case, Decision.Outcome.KEEP_UP, designations=list(case.designations.all())
    )
    if decision.state == Decision.State.PROPOSED:
        approve(senior, decision)
    reason = Reason(
        kind=Hold.Kind.COURT_ORDER,
        source="A court",
        entry_key=f"{effect}-{territory}",
        title=f"Order to {effect}",
        effect=effect,
        territory=territory,
    )
    with transaction.atomic():
        placed = place_hold(actor=proposer, profile=profile, reason=reason)
        HoldBasis.objects.create(hold=placed, placed_by_decision=decision)
    return placed


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
    """Lift every hold that keeps it down on a delisting, then order the restore."""
    for standing in list(profile.holds.keeping_down()):
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
