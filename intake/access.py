"""Who may open a report: claiming, sharing, handing back. Every grant has a reason and an end."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import User
from accounts.refusals import NotAllowed
from intake import terms
from intake.columns import today
from intake.models import Report, ReportGrant
from intake.models.reports import TRANSITIONS
from intake.refusals import (
    CannotShare,
    InvalidMove,
    NotWaiting,
    NotYours,
    require_reason,
    require_reason_to_open,
)

Kind = ReportGrant.Kind
State = Report.State


def locked(report: Report) -> Report:
    """Lock the report's row for the rest of the transaction, and return it as it is now."""
    return Report.objects.select_for_update().get(pk=report.pk)


def check_move(report: Report, state: State) -> None:
    """Raise `InvalidMove` unless the table of transitions holds the move."""
    if state not in TRANSITIONS[State(report.state)]:
        raise InvalidMove(
            f"A report that is {report.get_state_display().lower()} cannot become "
            f"{state.label.lower()}."
        ).about(report)


def _move(report: Report, state: State) -> None:
    check_move(report, state)
    report.state = state
    if state == State.WAITING:
        report.waiting_since = today()
    report.save(update_fields=["state", "waiting_since"])


def holder(report: Report) -> User | None:
    """The coordinator whose claim is in force."""
    claim = report.grants.in_force().filter(kind=Kind.CLAIM).select_related("user").first()
    return claim.user if claim else None


def must_hold(actor: User, report: Report) -> None:
    """Raise `NotYours` unless the actor holds the report."""
    if holder(report) != actor:
        raise NotYours("Only the coordinator who holds this report does that.").about(report)


def must_open(actor: User, report: Report, reason: str) -> None:
    """Raise unless a grant in force opens a locked report to the actor, who says why.

    A custodian opens none, by an old grant either. Raises `NotAllowed` and `ReasonMissing`.
    """
    if not report.grants.in_force().filter(user=actor).exists():
        raise NotAllowed("This report is not open to you.")
    must_be_no_custodian(actor, report)
    require_reason_to_open(report, reason)


def must_be_no_custodian(actor: User, report: Report) -> None:
    """Raise `NotAllowed` for a custodian: they read no word of a report, whatever else they are."""
    if actor.has_perm("intake.approve_identity_release"):
        raise NotAllowed("A custodian reads no report.").about(report)


@transaction.atomic
def claim(*, actor: User, report: Report) -> ReportGrant:
    """Take a waiting report in hand. It then shows in nobody else's list."""
    report = locked(report)
    if not actor.has_perm("intake.triage_report"):
        raise NotAllowed("Reports are claimed by intake coordinators.")
    if report.state != State.WAITING:
        raise NotWaiting("Another coordinator has claimed this report.").about(report)
    _move(report, State.IN_HAND)
    grant = _grant(actor, report, actor, Kind.CLAIM, "Claimed from the list")
    audit.record(actor=actor, verb="claim_report", target=report)
    return grant


@transaction.atomic
def hand_back(*, actor: User, report: Report, reason: str) -> None:
    """Put a report back into the list. Every grant to read it ends."""
    report = locked(report)
    must_hold(actor, report)
    require_reason(reason)
    _move(report, State.WAITING)
    ended = end_grants(report)
    audit.record(
        actor=actor,
        verb="hand_back_report",
        target=report,
        changes={"ended_grants": ended},
        reason=reason,
    )


@transaction.atomic
def share(*, actor: User, report: Report, user: User, reason: str) -> ReportGrant:
    """Let one more person open the report, for a reason and for 30 days."""
    report = locked(report)
    must_hold(actor, report)
    require_reason(reason)
    if user == actor or not user.is_active or not user.roles:
        raise CannotShare("Share it with somebody else who works on this desk.").about(report)
    if user.has_perm("intake.approve_identity_release"):
        raise CannotShare("A custodian reads no report: they decide who learns who sent it.").about(
            report
        )
    if report.grants.in_force().filter(user=user).exists():
        raise CannotShare(f"{user.name} can open this report already.").about(report)
    report.grants.filter(user=user, ended_at__isnull=True).update(ended_at=timezone.now())
    grant = _grant(actor, report, user, Kind.SHARED, reason)
    audit.record(
        actor=actor,
        verb="share_report",
        target=report,
        about=[user],
        changes={"user": user.pk, "ends_at": grant.ends_at.isoformat()},
        reason=reason,
    )
    return grant


@transaction.atomic
def end_share(*, actor: User, grant: ReportGrant) -> None:
    """Take a share back. It is gone at the person's next request."""
    report = locked(grant.report)
    must_hold(actor, report)
    ended = report.grants.filter(pk=grant.pk, kind=Kind.SHARED, ended_at__isnull=True).update(
        ended_at=timezone.now()
    )
    if ended:
        audit.record(
            actor=actor,
            verb="end_report_share",
            target=report,
            about=[grant.user],
            changes={"user": grant.user_id},
        )


def end_grants(report: Report) -> int:
    """End every grant of a locked report, and return how many."""
    return report.grants.filter(ended_at__isnull=True).update(ended_at=timezone.now())


@transaction.atomic
def return_unheld(*, actor: Actor, report: Report) -> None:
    """Put a report in hand back into the list where its claim has ended by time."""
    report = locked(report)
    if report.state != State.IN_HAND or holder(report) is not None:
        return
    _move(report, State.WAITING)
    end_grants(report)
    audit.record(actor=actor, verb="return_report", target=report)


def _grant(actor: User, report: Report, user: User, kind: Kind, reason: str) -> ReportGrant:
    now = timezone.now()
    return ReportGrant.objects.create(
        report=report,
        user=user,
        kind=kind,
        granted_by=actor,
        reason=reason,
        granted_at=now,
        ends_at=now + timedelta(days=terms.GRANT_DAYS),
    )
