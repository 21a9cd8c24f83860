"""Write the record: one event for each act, in the transaction that makes it true."""

from collections.abc import Iterable
from typing import Any

import structlog
from django.db import models, transaction

from accounts.actors import Actor, Service
from accounts.models import AuditEvent, User
from accounts.refusals import Refusal


def reference(target: models.Model) -> str:
    """Name an object the way the audit trail does, such as `case:12`."""
    return f"{target._meta.model_name}:{target.pk}"


def event(
    *,
    actor: Actor,
    verb: str,
    target: models.Model,
    about: Iterable[models.Model] = (),
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Build an unsaved event, for verbs that write many rows at once."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return AuditEvent(
        actor_user=None if isinstance(actor, Service) else actor,
        actor_service=actor.name if isinstance(actor, Service) else "",
        verb=verb,
        object_type=target._meta.model_name or "",
        object_id=str(target.pk),
        about=sorted({reference(target), *(reference(other) for other in about)}),
        changes=changes or {},
        reason=reason,
        request_id=request_id,
    )


def record(
    *,
    actor: Actor,
    verb: str,
    target: models.Model,
    about: Iterable[models.Model] = (),
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEvent:
    """Write one event. Call it inside the transaction of the change it tells of.

    `about` names the other objects whose history should show the event. `changes` holds
    ids, field names, states and hashes, never the content of a report.
    """
    written = event(
        actor=actor, verb=verb, target=target, about=about, changes=changes, reason=reason
    )
    written.save(force_insert=True)
    return written


def record_all(events: Iterable[AuditEvent]) -> None:
    """Write many events at once, for a verb that changed many rows."""
    AuditEvent.objects.bulk_create(events, batch_size=1_000)


def record_refusal(*, actor: User, refusal: Refusal, address: str) -> AuditEvent:
    """Write that something was refused, in a transaction of its own.

    Call it after the refused transaction has been rolled back: inside it, the event would be
    lost with it, so an open transaction is an error. `address` is the name of the page or
    API call, never its path: a path may carry what the record must not hold.
    """
    with transaction.atomic(durable=True):
        return record(
            actor=actor,
            verb="refused",
            target=refusal.target or actor,
            about=[actor],
            changes={"rule": refusal.code, "address": address},
        )
