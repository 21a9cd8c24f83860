"""Number and chain the committed audit events.

Writers never queue behind each other: they insert events and go on. One sealer follows. It takes
the events of transactions older than every transaction still running, in the order
(transaction, id), gives each the next number, and binds it to the one before with SHA-256.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from accounts.models import AuditEvent, AuditSeal

# The hash before the first: there is none.
GENESIS = "0" * 64
BATCH_SIZE = 5_000
BATCHES_PER_RUN_AT_MOST = 20
# Any fixed number that no other part of Holdfast locks.
SEALER_LOCK = 0x5EA1

SEALED_FIELDS = (
    "id",
    "uuid",
    "at",
    "transaction",
    "actor_user_id",
    "actor_service",
    "verb",
    "object_type",
    "object_id",
    "about",
    "changes",
    "reason",
    "request_id",
)


def canonical(event: Mapping[str, Any]) -> bytes:
    """Write an event so that the same facts always give the same bytes.

    UTF-8 JSON, keys sorted, no spaces, times in UTC to the microsecond.
    """
    facts = {name: event[name] for name in SEALED_FIELDS}
    facts["uuid"] = str(facts["uuid"])
    at: datetime = facts["at"]
    facts["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def link(*, number: int, previous_hash: str, event: Mapping[str, Any]) -> str:
    """Return the hash that binds an event to its number and to everything before it."""
    digest = hashlib.sha256(f"{number}\n{previous_hash}\n".encode())
    digest.update(canonical(event))
    return digest.hexdigest()


def seal() -> int:
    """Seal what can be sealed and return how many events that were.

    A second sealer finds the lock taken and leaves at once.
    """
    sealed = 0
    for _ in range(BATCHES_PER_RUN_AT_MOST):
        batch = _seal_batch()
        sealed += batch
        if batch < BATCH_SIZE:
            break
    return sealed


@transaction.atomic
def _seal_batch() -> int:
    if not _locked():
        return 0
    oldest_running = _oldest_running_transaction()
    last = (
        AuditSeal.objects.order_by("-number")
        .values_list("number", "hash", "event__transaction", "event_id")
        .first()
    )
    number, previous_hash, *after = last or (0, GENESIS, 0, 0)
    if after[0] >= oldest_running:
        # Transaction numbers began anew: this database was recovered into a new cluster.
        after = [0, 0]
    # A comparison of rows, which the ORM cannot write, starts the index where the chain ends.
    behind = RawSQL("(transaction, accounts_auditevent.id) > (%s, %s)", after, BooleanField())
    events = (
        AuditEvent.objects.filter(behind, transaction__lt=oldest_running, seal__isnull=True)
        .order_by("transaction", "id")
        .values(*SEALED_FIELDS)[:BATCH_SIZE]
    )
    seals = []
    for event in events:
        number += 1
        bound = link(number=number, previous_hash=previous_hash, event=event)
        seals.append(
            AuditSeal(number=number, event_id=event["id"], previous_hash=previous_hash, hash=bound)
        )
        previous_hash = bound
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def _locked() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALER_LOCK])
        return bool(cursor.fetchone()[0])


def _oldest_running_transaction() -> int:
    """Every transaction below this number has ended, so whatever it wrote can be read now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])
