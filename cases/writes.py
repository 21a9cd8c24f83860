"""What every write to a case begins and ends with: the lock, the version, the move."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.actors import Actor
from accounts.models import AuditEvent, User
from accounts.refusals import NotAllowed
from cases import transitions
from cases.models import Case, CaseProfile
from cases.refusals import LeaseHeld, LeaseMissing, StalePage
from platforms.models import Profile


def require(user: User, permission: str) -> None:
    """Raise `NotAllowed` unless a role in force gives the permission."""
    if not user.has_perm(permission):
        raise NotAllowed("Your role does not include this. An administrator can say who may.")


def require_on(case: Case, user: User, permission: str) -> None:
    """Raise `NotAllowed` unless a role gives the permission and the case is open to the person.

    A page finds only what is visible. A person may step away, or a grant may end, between the
    page and the click.
    """
    require(user, permission)
    if not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        raise NotAllowed("This case is not open to you any more.")


def lock(case: Case, *, expected_version: int | None = None) -> Case:
    """Take the case's row. Raises `StalePage` if it moved since `expected_version`."""
    locked = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
    require_version(locked, expected_version)
    return locked


def lock_with_siblings(case: Case, profile: Profile | None) -> Case:
    """Take the case's row and those of the profile's other open cases, in order of number.

    Whoever decides a case moves its siblings too. Taken one by one, with the case's own row
    first, two people who decide siblings could wait for each other for ever. The profile's row
    is taken before: see `cases.decisions`.
    """
    about = CaseProfile.objects.filter(profile=profile, is_open=True).values("case")
    taken = (
        Case.objects.filter(Q(pk=case.pk) | Q(pk__in=about))
        .order_by("pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return next(locked for locked in list(taken) if locked.pk == case.pk)


def require_version(locked: Case, expected_version: int | None) -> None:
    """Raise `StalePage` if the case moved since the page was read. None asks for nothing."""
    if expected_version is not None and locked.version != expected_version:
        raise StalePage(
            seen=expected_version,
            current=locked.version,
            changes=changes_since(locked, expected_version),
        )


def changes_since(case: Case, version: int) -> list[AuditEvent]:
    """The events that moved the case past that version, oldest first."""
    return list(
        AuditEvent.objects.about(audit.reference(case))
        .filter(changes__case_version__gt=version)
        .select_related("actor_user")
        .order_by("at", "pk")
    )


def require_lease(case: Case, user: User) -> None:
    """Raise unless this person holds the case now."""
    now = timezone.now()
    if not case.lease_in_force(now):
        raise LeaseMissing
    if case.lease_holder_id != user.pk:
        assert case.lease_holder is not None  # noqa: S101  a CHECK says so
        assert case.lease_ends_at is not None  # noqa: S101  a CHECK says so
        raise LeaseHeld(holder=case.lease_holder, ends_at=case.lease_ends_at)


def move_on(
    case: Case,
    *,
    actor: Actor,
    verb: str,
    to: Case.State | None = None,
    changes: dict[str, Any] | None = None,
    about: list[Any] | None = None,
    reason: str = "",
) -> None:
    """Give a locked case its next version, and its next state where one is named."""
    fields = ["version"]
    written = dict(changes or {})
    if to is not None:
        transitions.check(case.state, to)
        written["state"] = [case.state, to.value]
        case.state = to
        fields.append("state")
        if to == Case.State.CLOSED:
            case.closed_at = timezone.now()
            case.lease_holder = None
            case.lease_ends_at = None
            fields += ["closed_at", "lease_holder", "lease_ends_at"]
    case.version += 1
    case.save(update_fields=fields)
    audit.record(
        actor=actor,
        verb=verb,
        target=case,
        about=about or [],
        changes={**written, "case_version": case.version},
        reason=reason,
    )
