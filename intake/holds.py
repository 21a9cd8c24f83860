"""Legal holds: the coordinator who holds a report proposes one, and legal counsel agrees.

A hold stops retention until a day, and re-wraps the report's key to a hold epoch. It binds us
and not the reporter: they may delete the report at any time, as the form promised, and who they
are is erased on its day.
"""

from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import NotAllowed
from intake import access, rotation, terms
from intake.columns import today
from intake.models import LegalHold, Report
from intake.models.legal_holds import HOLD_TRANSITIONS
from intake.refusals import HoldRefused, require_reason
from intake.rotation import Folders

State = LegalHold.State
AGREE = "intake.agree_legal_hold"


@transaction.atomic
def propose(*, actor: User, report: Report, reason: str, ends_on: date) -> LegalHold:
    """Ask that a report be kept until a day, at most 365 days off.

    Raises `NotYours`, `ReasonMissing` or `HoldRefused`.
    """
    held = access.locked(report)
    access.must_hold(actor, held)
    require_reason(reason)
    if not today() < ends_on <= today() + timedelta(days=terms.HOLD_DAYS_AT_MOST):
        raise HoldRefused(f"A hold ends within {terms.HOLD_DAYS_AT_MOST} days.").about(held)
    if held.legal_holds.filter(state__in=[State.PROPOSED, State.IN_FORCE]).exists():
        raise HoldRefused("A hold waits or is in force already.").about(held)
    hold = LegalHold.objects.create(
        report=held, reason=reason.strip(), proposed_by=actor, ends_on=ends_on
    )
    _record(actor, "propose_hold", hold, reason=reason, ends_on=ends_on.isoformat())
    return hold


@transaction.atomic
def agree(*, actor: User, hold: LegalHold) -> LegalHold:
    """Agree as legal counsel. The report's key moves to the hold epoch at once.

    Raises `NotAllowed`, `HoldRefused` or `NoHoldEpoch`.
    """
    locked = _locked(hold)
    _must_be_counsel(actor)
    if actor == locked.proposed_by:
        raise NotAllowed("You proposed this. Somebody else must agree.").about(locked.report)
    if locked.ends_on < today():
        raise HoldRefused("Its last day has passed. Have it proposed anew.").about(locked.report)
    locked.agreed_by = actor
    _move(locked, State.IN_FORCE)
    folders = Folders(
        public=Path(settings.INTAKE_PUBLIC_KEYS), private=Path(settings.INTAKE_PRIVATE_KEYS)
    )
    kid = rotation.rewrap_for_hold(locked.report, folders)
    _record(actor, "agree_hold", locked, epoch=kid)
    return locked


@transaction.atomic
def refuse(*, actor: User, hold: LegalHold, reason: str) -> LegalHold:
    """Say no as legal counsel."""
    locked = _locked(hold)
    _must_be_counsel(actor)
    require_reason(reason)
    _move(locked, State.REFUSED)
    _record(actor, "refuse_hold", locked, reason=reason)
    return locked


@transaction.atomic
def end(*, actor: User, hold: LegalHold, reason: str) -> LegalHold:
    """End a hold before its day, as counsel or as the coordinator who holds the report.

    From now on the report's ordinary days count. Its key leaves the hold epoch at the next
    rotation.
    """
    locked = _locked(hold)
    if not actor.has_perm(AGREE):
        access.must_hold(actor, locked.report)
    require_reason(reason)
    _move(locked, State.ENDED)
    _record(actor, "end_hold", locked, reason=reason)
    return locked


def end_over(*, actor: Actor) -> int:
    """End every hold whose last day has passed, and return how many."""
    over = LegalHold.objects.filter(state=State.IN_FORCE, ends_on__lt=today())
    return sum(_end_if_over(actor, hold) for hold in over.select_related("report"))


@transaction.atomic
def _end_if_over(actor: Actor, hold: LegalHold) -> bool:
    """End one that is still in force. Its reporter may have deleted the report first."""
    if not Report.objects.select_for_update().filter(pk=hold.report_id).exists():
        return False
    locked = _locked(hold)
    if locked.state != State.IN_FORCE:
        return False
    _move(locked, State.ENDED)
    _record(actor, "expire_hold", locked)
    return True


def _locked(hold: LegalHold) -> LegalHold:
    """Lock report and hold, in this order as everywhere."""
    access.locked(hold.report)
    return (
        LegalHold.objects.select_for_update(of=("self",))
        .select_related("report", "proposed_by")
        .get(pk=hold.pk)
    )


def _move(hold: LegalHold, state: LegalHold.State) -> None:
    if state not in HOLD_TRANSITIONS[State(hold.state)]:
        raise HoldRefused(
            f"A hold that is {hold.get_state_display().lower()} cannot become "
            f"{state.label.lower()}."
        ).about(hold.report)
    hold.state = state
    hold.save(update_fields=["state", "agreed_by"])


def _must_be_counsel(actor: User) -> None:
    if not actor.has_perm(AGREE):
        raise NotAllowed("Legal counsel agrees to holds.")


def _record(actor: Actor, verb: str, hold: LegalHold, reason: str = "", **more: str) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        target=hold.report,
        changes={"hold": str(hold.pk), **more},
        reason=reason,
    )
