"""Who may open a case: restrict it, open it to people and teams, step away from it.

A restricted case always keeps one person who may open it to others, so that it is never lost.
Whoever loses sight of a case gives back its lease. None of this moves the case's version: it
says who may look, not what is known.
"""

from datetime import datetime

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import User
from cases import writes
from cases.models import Case, CaseGroupAccess, CaseUserAccess, Recusal, RecusalEnd
from cases.models.access import AccessQuerySet, Grant
from cases.refusals import AccessRefused

Access = CaseUserAccess | CaseGroupAccess

MANAGE = "cases.manage_access"
NAME_KEEPER = "accounts.grant_role"


@transaction.atomic
def restrict(*, actor: User, case: Case, reason: str) -> Case:
    """Close the case to everyone without a grant. Whoever does it gets the first grant."""
    locked = writes.lock(case)
    writes.require_on(locked, actor, MANAGE)
    _require_reason(reason)
    if locked.is_restricted:
        raise AccessRefused("This case is restricted already.")
    locked.is_restricted = True
    locked.save(update_fields=["is_restricted"])
    audit.record(actor=actor, verb="case.restricted", target=locked, reason=reason)
    if not _in_force(CaseUserAccess, locked).filter(user=actor).exists():
        _open_to(locked, actor=actor, to=actor, reason="Restricted the case", ends_at=None)
    _give_back_unseen(locked, actor=actor)
    return locked


@transaction.atomic
def lift_restriction(*, actor: User, case: Case, reason: str) -> Case:
    """Open the case to every desk role again. Grants stay and count when it is next closed."""
    locked = writes.lock(case)
    writes.require_on(locked, actor, MANAGE)
    _require_reason(reason)
    if not locked.is_restricted:
        raise AccessRefused("This case is not restricted.")
    locked.is_restricted = False
    locked.save(update_fields=["is_restricted"])
    audit.record(actor=actor, verb="case.restriction_lifted", target=locked, reason=reason)
    return locked


@transaction.atomic
def grant_access(
    *,
    actor: User,
    case: Case,
    to: User | Group,
    reason: str,
    ends_at: datetime | None = None,
) -> Access:
    """Open the case to a person or a team, until an end where one is set.

    A grant adds no role: whoever has none that opens cases is refused here.
    Raises `NotAllowed` or `AccessRefused`.
    """
    locked = writes.lock(case)
    writes.require_on(locked, actor, MANAGE)
    _require_reason(reason)
    if ends_at is not None and ends_at <= timezone.now():
        raise AccessRefused("The end lies in the past. Choose a later date, or none.")
    if isinstance(to, User):
        _require_could_open(locked, to)
        doubled = _in_force(CaseUserAccess, locked).filter(user=to).exists()
    else:
        doubled = _in_force(CaseGroupAccess, locked).filter(group=to).exists()
    if doubled:
        raise AccessRefused(f"{to} has a grant already. End it before you give another.")
    return _open_to(locked, actor=actor, to=to, reason=reason, ends_at=ends_at)


@transaction.atomic
def end_access(*, actor: User, grant: Access, reason: str) -> Access:
    """End a grant now. It is refused where nobody would be left to open the case to others."""
    locked = writes.lock(grant.content_object)
    writes.require_on(locked, actor, MANAGE)
    _require_reason(reason)
    ended = type(grant).access.select_for_update(of=("self",)).get(pk=grant.pk)
    if ended.ends_at is not None and ended.ends_at <= timezone.now():
        raise AccessRefused("This grant has ended already.")
    _end(ended, case=locked, actor=actor, reason=reason)
    _require_keeper(locked)
    _give_back_unseen(locked, actor=actor)
    return ended


@transaction.atomic
def end_grants_of(*, actor: User, user: User, reason: str) -> int:
    """End every grant of a person who leaves. Returns how many. Asks for no keeper."""
    now = timezone.now()
    held = CaseUserAccess.access.in_force(now).filter(user=user).select_related("content_object")
    count = 0
    for grant in held.order_by("pk").select_for_update(of=("self",)):
        _end(grant, case=grant.content_object, actor=actor, reason=reason)
        count += 1
    return count


@transaction.atomic
def name_keeper(*, actor: User, case: Case, to: User, reason: str) -> Access:
    """Give a restricted case that lost its last keeper a new one, who may let others in.

    A role and an account can always end, so a case may lose everybody who manages its access.
    An administrator then names who does, and opens nothing thereby: no role of theirs opens
    cases. While there is a keeper, it is the keeper who lets people in.
    """
    locked = writes.lock(case)
    writes.require(actor, NAME_KEEPER)
    _require_reason(reason)
    if not Case.objects.waiting_for_keeper().filter(pk=locked.pk).exists():
        raise AccessRefused("This case has a keeper, who lets others in.")
    if not to.has_perm(MANAGE):
        raise AccessRefused(
            f"No role of {to} says who opens a case. Choose a senior reviewer or counsel."
        )
    _require_could_open(locked, to)
    return _open_to(
        locked, actor=actor, to=to, reason=reason, ends_at=None, verb="case.keeper_named"
    )


@transaction.atomic
def recuse(*, actor: User, case: Case, reason: str) -> Recusal:
    """Step away from a case because of a conflict of interest. Only somebody else undoes it.

    The reason is for those who manage access: the event, which the case's timeline shows, has
    none. Refused for the last person who may open a restricted case to others.
    """
    locked = writes.lock(case)
    writes.require_on(locked, actor, "cases.view_case")
    _require_reason(reason)
    recusal = Recusal.objects.create(case=locked, user=actor, reason=reason.strip())
    audit.record(actor=actor, verb="case.recused", target=locked, changes={"recusal": recusal.pk})
    _require_keeper(locked)
    _give_back_unseen(locked, actor=actor)
    return recusal


@transaction.atomic
def end_recusal(*, actor: User, recusal: Recusal, reason: str) -> RecusalEnd:
    """Let somebody back who stepped away. The database refuses it to the person themselves."""
    locked = writes.lock(recusal.case)
    writes.require_on(locked, actor, MANAGE)
    _require_reason(reason)
    if not Recusal.objects.standing().filter(pk=recusal.pk).exists():
        raise AccessRefused("This recusal has ended already.")
    ending = RecusalEnd.objects.create(recusal=recusal, by=actor, reason=reason.strip())
    audit.record(
        actor=actor,
        verb="case.recusal_ended",
        target=locked,
        about=[recusal.user],
        changes={"recusal": recusal.pk},
        reason=reason,
    )
    return ending


def _in_force(model: type[Grant], case: Case) -> AccessQuerySet[Grant]:
    return model.access.in_force(timezone.now()).filter(content_object=case)


def _open_to(
    case: Case,
    *,
    actor: User,
    to: User | Group,
    reason: str,
    ends_at: datetime | None,
    verb: str = "case.access_granted",
) -> Access:
    permission = Permission.objects.get(
        content_type__app_label="cases", content_type__model="case", codename="view_case"
    )
    facts = {
        "content_object": case,
        "permission": permission,
        "reason": reason.strip(),
        "granted_by": actor,
        "ends_at": ends_at,
    }
    grant: Access
    if isinstance(to, User):
        grant = CaseUserAccess.access.create(user=to, **facts)
    else:
        grant = CaseGroupAccess.access.create(group=to, **facts)
    audit.record(
        actor=actor,
        verb=verb,
        target=case,
        about=[to],
        changes={"to": audit.reference(to), "ends_at": ends_at.isoformat() if ends_at else None},
        reason=reason,
    )
    return grant


def _end(grant: Access, *, case: Case, actor: User, reason: str) -> None:
    grant.ends_at = timezone.now()
    grant.ended_by = actor
    grant.end_reason = reason.strip()
    grant.save(update_fields=["ends_at", "ended_by", "end_reason"])
    to = grant.user if isinstance(grant, CaseUserAccess) else grant.group
    audit.record(
        actor=actor,
        verb="case.access_ended",
        target=case,
        about=[to],
        changes={"to": audit.reference(to)},
        reason=reason,
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise AccessRefused("Write a reason. It stays in the record.")


def _require_could_open(case: Case, user: User) -> None:
    if not user.has_perm("cases.view_case"):
        raise AccessRefused(
            f"No role of {user} opens cases, so a grant would open nothing. "
            "An administrator grants roles."
        )
    if case.recusals.standing().filter(user=user).exists():
        raise AccessRefused(f"{user} stepped away from this case. End the recusal first.")


def _require_keeper(case: Case) -> None:
    """Raise where nobody is left who can open the restricted case and let others in."""
    if Case.objects.without_keeper().filter(pk=case.pk).exists():
        raise AccessRefused(
            "Nobody would be left who can open this case to others. Give a senior reviewer or "
            "counsel access without an end first."
        )


def _give_back_unseen(case: Case, *, actor: User) -> None:
    """Take lease and assignment from whoever no longer sees the case."""
    for field in ("lease_holder", "assignee"):
        person = getattr(case, field)
        if person is None or Case.objects.visible_to(_anew(person)).filter(pk=case.pk).exists():
            continue
        if field == "lease_holder":
            case.lease_ends_at = None
        setattr(case, field, None)
        case.save(update_fields=["lease_holder", "lease_ends_at", "assignee"])
        audit.record(
            actor=actor,
            verb="case.given_back",
            target=case,
            changes={field: [person.pk, None]},
        )


def _anew(person: User) -> User:
    """The person as they are now: what a person may do is asked once per object."""
    return User.objects.get(pk=person.pk)
