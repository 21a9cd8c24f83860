"""No open case of a report is left without anybody who can open it.

A reporter may delete their report at any time, and the link to its case goes with it. Once the
grants end as well, the case would wait unseen for ever, and its account with it. It then goes to
those who manage access: the only rule by which the case of a report opens to a role.
"""

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import RoleGrant, User
from accounts.roles import roles_with
from cases import writes
from cases.models import Case, CaseGroupAccess, CaseUserAccess, ReportedProfile
from intake import terms

REASON = "Nobody else could open this case any more."


def give_keepers(*, actor: Actor) -> int:
    """Open every orphaned case to those who manage access, for 30 days. Return how many cases."""
    return sum(_give_keepers(actor, case) for case in orphaned().order_by("pk"))


def orphaned() -> QuerySet[Case]:
    """Open cases of reports whose link is gone and that no grant in force opens to anybody."""
    now = timezone.now()
    readers = _with_permission("cases.view_case").values("pk")
    of_case = {"content_object": OuterRef("pk")}
    return (
        Case.objects.unsettled()
        .filter(kind=Case.Kind.REPORT)
        .exclude(Exists(ReportedProfile.objects.filter(case=OuterRef("pk"))))
        .exclude(Exists(CaseUserAccess.access.in_force(now).filter(user__in=readers, **of_case)))
        .exclude(
            Exists(CaseGroupAccess.access.in_force(now).filter(group__user__in=readers, **of_case))
        )
    )


@transaction.atomic
def _give_keepers(actor: Actor, case: Case) -> bool:
    """Let everybody in who manages access and did not step away, if nobody has been since."""
    locked = writes.lock(case)
    if not orphaned().filter(pk=locked.pk).exists():
        return False
    away = locked.recusals.standing().values("user")
    keepers = list(_with_permission("cases.manage_access").exclude(pk__in=away).order_by("pk"))
    permission = Permission.objects.get(
        content_type__app_label="cases", content_type__model="case", codename="view_case"
    )
    ends_at = timezone.now() + timedelta(days=terms.GRANT_DAYS)
    for keeper in keepers:
        CaseUserAccess.access.create(
            content_object=locked,
            user=keeper,
            permission=permission,
            reason=REASON,
            ends_at=ends_at,
        )
    if keepers:
        audit.record(
            actor=actor,
            verb="case.access_granted",
            target=locked,
            about=keepers,
            changes={"ends_at": ends_at.isoformat()},
            reason=REASON,
        )
    return bool(keepers)


def _with_permission(permission: str) -> QuerySet[User]:
    """Active people of whom a role in force gives the permission."""
    held = RoleGrant.objects.in_force().filter(role__in=roles_with(permission), user=OuterRef("pk"))
    return User.objects.filter(Exists(held), is_active=True)
