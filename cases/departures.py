"""Somebody leaves: their account closes, and what they held goes back to the others."""

from django.db import transaction

from accounts import audit, people
from accounts.models import User
from cases import access, leases
from cases.models import Case


@transaction.atomic
def deactivate(*, actor: User, user: User, reason: str) -> User:
    """Close an account, release its leases and give its open cases back to the queue.

    Its grants to restricted cases end too: an account that opens again starts without them.

    Raises what `accounts.people.deactivate` raises; then nothing of it is done.
    """
    closed = people.deactivate(actor=actor, user=user, reason=reason)
    leases.release_leases_of(actor=actor, user=closed)
    access.end_grants_of(actor=actor, user=closed, reason=reason)
    assigned = Case.objects.unsettled().filter(assignee=closed).order_by("pk")
    for case in assigned.select_for_update(of=("self",), no_key=True):
        case.assignee = None
        case.save(update_fields=["assignee"])
        audit.record(
            actor=actor,
            verb="case.given_back",
            target=case,
            changes={"assignee": [closed.pk, None]},
            reason=reason,
        )
    return closed
