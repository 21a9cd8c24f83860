"""Ask each publisher at its cadence, and less often while it does not answer.

Beat asks every minute which lists are due. A list is claimed before its sync is sent, so however
slow the workers are, one sync of it waits and not sixty.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from sanctions.models import Source
from sanctions.refusals import ListUnavailable
from sanctions.sync import SyncResult, sync

logger = structlog.get_logger(__name__)

# Above the time limit of a sync. A message that was lost delays a list by this much.
CLAIM = timedelta(minutes=20)
# A publisher that was away for a week is asked once a day, and not once a month.
LONGEST_WAIT = timedelta(days=1)


@transaction.atomic
def claim_due(*, at: datetime) -> list[int]:
    """Take the sources that are due and return their ids. Nobody else takes them for a while."""
    due = Source.objects.due(at).select_for_update(skip_locked=True, no_key=True)
    claimed = list(due.order_by("pk").values_list("pk", flat=True))
    Source.objects.filter(pk__in=claimed).update(next_attempt_at=at + CLAIM)
    return claimed


def sync_at_cadence(*, actor: Actor, source: Source) -> SyncResult | None:
    """Sync from the publisher. None: no list could be had, which is recorded and tried again."""
    try:
        return sync(actor=actor, source=source)
    except ListUnavailable as refusal:
        _record_failure(actor=actor, source=source, refusal=refusal)
        return None


def wait_after(source: Source) -> timedelta:
    """The time until the next attempt: one cadence, doubled with each further failure."""
    doubled = source.cadence * 2 ** min(max(source.failures_in_a_row - 1, 0), 16)
    return max(source.cadence, min(doubled, LONGEST_WAIT))


@transaction.atomic
def _record_failure(*, actor: Actor, source: Source, refusal: ListUnavailable) -> None:
    locked = Source.objects.select_for_update(no_key=True).get(pk=source.pk)
    locked.failures_in_a_row += 1
    locked.failure = str(refusal)
    locked.next_attempt_at = timezone.now() + wait_after(locked)
    locked.save(update_fields=["failures_in_a_row", "failure", "next_attempt_at"])
    audit.record(
        actor=actor,
        verb="sanctions.list_unavailable",
        target=locked,
        changes={"failures_in_a_row": locked.failures_in_a_row},
        reason=locked.failure,
    )
    logger.warning(
        "A list could not be had", source=locked.slug, failures_in_a_row=locked.failures_in_a_row
    )
