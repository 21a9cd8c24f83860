"""Leases: one reviewer at a time, and an end to each.

A lease moves no case version: it says who is looking, not what is known.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from cases import writes
from cases.models import Case
from cases.models.cases import CaseQuerySet
from cases.refusals import InvalidCaseStep, LeaseHeld, LeaseMissing

LEASE_MINUTES = 20


@transaction.atomic
def take_lease(*, actor: User, case: Case) -> Case:
    """Give the case to this reviewer, or extend what they hold already.

    Raises `LeaseHeld` while somebody else's lease lasts.
    """
    locked = writes.lock(case)
    writes.require_on(locked, actor, "cases.work_case")
    if locked.is_settled:
        raise InvalidCaseStep("This case is decided. There is nothing left to review.")
    now = timezone.now()
    if locked.lease_in_force(now) and locked.lease_holder_id != actor.pk:
        assert locked.lease_holder is not None  # noqa: S101  a CHECK says so
        assert locked.lease_ends_at is not None  # noqa: S101  a CHECK says so
        raise LeaseHeld(holder=locked.lease_holder, ends_at=locked.lease_ends_at)
    return _give(actor=actor, case=locked, at=now)


@transaction.atomic
def claim_next(*, actor: User, cases: CaseQuerySet) -> Case | None:
    """Lease the first free case of a queue to this reviewer. None when none is free.

    `cases` holds only what the reviewer may see, in the order to work in.

    Rows that another reviewer is claiming at this moment are passed over, so that two
    people never get the same case and nobody waits.
    """
    writes.require(actor, "cases.work_case")
    now = timezone.now()
    case = (
        cases.unsettled()
        .free_at(now)
        .exclude(state=Case.State.PROPOSED)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .first()
    )
    return None if case is None else _give(actor=actor, case=case, at=now)


@transaction.atomic
def release_lease(*, actor: User, case: Case) -> Case:
    """Give the case back to the queue. Only its holder does that here."""
    locked = writes.lock(case)
    if locked.lease_holder_id != actor.pk:
        raise LeaseMissing
    return _take_back(actor=actor, case=locked)


@transaction.atomic
def release_leases_of(*, actor: Actor, user: User) -> int:
    """Give back everything a person holds, as when they leave. Returns how many."""
    held = (
        Case.objects.filter(lease_holder=user)
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    count = 0
    for case in held:
        _take_back(actor=actor, case=case)
        count += 1
    return count


def _give(*, actor: User, case: Case, at: datetime) -> Case:
    case.lease_holder = actor
    case.lease_ends_at = at + timedelta(minutes=LEASE_MINUTES)
    case.assignee = case.assignee or actor
    case.save(update_fields=["lease_holder", "lease_ends_at", "assignee"])
    audit.record(
        actor=actor,
        verb="case.leased",
        target=case,
        changes={"lease_ends_at": case.lease_ends_at.isoformat()},
    )
    return case


def _take_back(*, actor: Actor, case: Case) -> Case:
    case.lease_holder = None
    case.lease_ends_at = None
    case.save(update_fields=["lease_holder", "lease_ends_at"])
    audit.record(actor=actor, verb="case.lease_released", target=case)
    return case
