"""What ends by itself in the vault: releases after 72 hours, identities 30 days after closing."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from intake import access, terms
from intake.columns import today
from intake.models import Report, ReportGrant
from intake.models.vault import Identity, IdentityRequest
from intake.vault import requests


def due_identities() -> QuerySet[Identity]:
    """Identities of reports that were closed too long ago. A legal hold keeps none."""
    return Identity.objects.filter(
        report__state=Report.State.CLOSED,
        report__closed_on__lt=today() - timedelta(days=terms.IDENTITY_DAYS_AFTER_CLOSING),
    )


def end_identities(*, actor: Actor) -> int:
    """Erase every identity that is due, with its shares. Return how many."""
    return sum(_erase(actor, identity) for identity in due_identities().select_related("report"))


def end_requests(*, actor: Actor) -> int:
    """End releases whose hours are over, and requests nobody can or did answer."""
    return sum(_end(actor, request) for request in _over().select_related("report"))


@transaction.atomic
def _erase(actor: Actor, identity: Identity) -> bool:
    """Erase one that is still due. Its reporter may have deleted the report first."""
    if not Report.objects.select_for_update().filter(pk=identity.report_id).exists():
        return False
    if not due_identities().filter(pk=identity.pk).exists():
        return False
    for request in IdentityRequest.objects.live().filter(report=identity.report):
        _end(actor, request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_forget_identity(%s)", [identity.report_id])
    audit.record(actor=actor, verb="expire_identity", target=identity.report)
    return True


@transaction.atomic
def _end(actor: Actor, request: IdentityRequest) -> bool:
    """End a request that is live. Where its report is gone, so is the request."""
    if not Report.objects.select_for_update().filter(pk=request.report_id).exists():
        return False
    locked = IdentityRequest.objects.live().select_for_update().filter(pk=request.pk).first()
    if locked is None:
        return False
    requests.end_over(locked)
    audit.record(
        actor=actor,
        verb="end_identity_request",
        target=access.locked(request.report),
        changes={"request": str(request.pk)},
    )
    return True


def _over() -> QuerySet[IdentityRequest]:
    """Live requests whose time is over, or whose requester does not hold the report any more."""
    now = timezone.now()
    claim = ReportGrant.objects.in_force().filter(
        kind=ReportGrant.Kind.CLAIM, report=OuterRef("report"), user=OuterRef("requester")
    )
    left_alone = now - timedelta(days=terms.IDENTITY_REQUEST_DAYS)
    return IdentityRequest.objects.live().filter(
        Q(visible_until__lte=now)
        | Q(visible_until__isnull=True, requested_at__lt=left_alone)
        | ~Exists(claim)
    )
