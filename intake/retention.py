"""What ends by itself, and ends what it promised to end.

Run it daily. Each report goes in a transaction of its own, whole: content, wraps, messages,
files and grants. `intake.terms` holds the days.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain

from django.db import connection, connections, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor, Service
from intake import access, holds, terms
from intake.attachments import store
from intake.columns import today
from intake.models import (
    AttemptCount,
    KeyWrap,
    LegalHold,
    Report,
    ReportGrant,
    SpentChallenge,
    ZoneSession,
)
from intake.vault import ending

RETENTION = Service("intake retention")

# Rows lie in the order they were written, and a dump keeps it. These are laid out anew by
# their random keys.
SHUFFLED_TABLES = (
    "intake_report",
    "intake_keywrap",
    "intake_message",
    "intake_attachment",
    "intake_identity",
    "intake_identityshare",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How much ended, or would end in a dry run."""

    reports: int
    unopened_inboxes: int
    returned_reports: int
    identities: int


def due() -> Ended:
    """Count what a run would end now, without ending it."""
    return Ended(
        reports=_due_reports().count(),
        unopened_inboxes=_unopened_wraps().count(),
        returned_reports=_unheld_reports().count(),
        identities=ending.due_identities().count(),
    )


def expire(*, actor: Actor) -> Ended:
    """End everything whose time is over, and return how much it was."""
    holds.end_over(actor=actor)
    reports = [_erase(actor, report) for report in _due_reports()]
    identities = ending.end_identities(actor=actor)
    ending.end_requests(actor=actor)
    with transaction.atomic():
        closed, _ = _unopened_wraps().delete()
    returned = list(_unheld_reports())
    for report in returned:
        access.return_unheld(actor=actor, report=report)
    ReportGrant.objects.filter(ended_at__isnull=True, ends_at__lte=timezone.now()).update(
        ended_at=timezone.now()
    )
    sweep_traces()
    return Ended(
        reports=sum(reports),
        unopened_inboxes=closed,
        returned_reports=len(returned),
        identities=identities,
    )


def shuffle_rows(alias: str) -> None:
    """Lay reports out in the order of their random keys, so that a dump shows none of time.

    Needs the role that owns the tables, and locks them while it works.
    """
    with connections[alias].cursor() as cursor:
        for table in SHUFFLED_TABLES:
            cursor.execute(f"CLUSTER {table} USING {table}_pkey")


def _due_reports() -> QuerySet[Report]:
    now = today()
    return Report.objects.filter(
        Q(state=Report.State.WAITING, waiting_since__lt=now - timedelta(days=terms.UNCLAIMED_DAYS))
        | Q(
            state=Report.State.CLOSED,
            closed_on__lt=now - timedelta(days=terms.CLOSED_DAYS),
        )
    ).exclude(pk__in=LegalHold.objects.in_force().values("report"))


@transaction.atomic
def _erase(actor: Actor, report: Report) -> bool:
    """Erase a report that is still due, and record it. Its reporter may have done it first."""
    if not _due_reports().select_for_update().filter(pk=report.pk).exists():
        return False
    names = report.attachments.values_list("original", "cleaned")
    transaction.on_commit(partial(store.destroy, list(chain.from_iterable(names))))
    audit.record(actor=actor, verb="expire_report", target=report, changes={"state": report.state})
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_erase(%s)", [report.pk])
    return True


def _unopened_wraps() -> QuerySet[KeyWrap]:
    return KeyWrap.objects.filter(
        holder=KeyWrap.Holder.REPORTER,
        day__lt=today() - timedelta(days=terms.UNOPENED_INBOX_DAYS),
    )


def _unheld_reports() -> QuerySet[Report]:
    held = ReportGrant.objects.in_force().filter(kind=ReportGrant.Kind.CLAIM).values("report")
    return Report.objects.filter(state=Report.State.IN_HAND).exclude(pk__in=held)


def sweep_traces() -> None:
    """Delete ended sessions, old spent challenges and counted attempts. None is needed again."""
    with transaction.atomic():
        ZoneSession.objects.filter(ends_at__lte=timezone.now()).delete()
        old = today() - timedelta(days=terms.SPENT_CHALLENGE_DAYS)
        SpentChallenge.objects.filter(day__lt=old).delete()
        past = timezone.now() - timedelta(minutes=2 * terms.LIMIT_WINDOW_MINUTES)
        AttemptCount.objects.filter(window__lt=past).delete()
