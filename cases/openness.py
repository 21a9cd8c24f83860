"""Who may open a case, and why: for the case page, and for those who answer for access.

`why` gives the path of grants behind `Case.objects.visible_to`. A property test keeps the two
equal.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import RoleGrant, User
from accounts.roles import PERMISSIONS, Role
from cases.access import MANAGE
from cases.models import Case, CaseGroupAccess, CaseUserAccess, Recusal
from intake.models import ReportGrant


@dataclass(frozen=True, slots=True)
class Openness:
    """What the case page says of access. Empty for a reader who need not know."""

    people: list[CaseUserAccess]
    teams: list[CaseGroupAccess]
    recusals: list[Recusal]
    may_manage: bool
    other_teams: list[Group]


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the path. `opens` is False where it closes the case, whatever else opens it."""

    opens: bool
    what: str
    by: str = ""
    at: datetime | None = None
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a person sees a case, in a sentence, with every step that leads there."""

    opens: bool
    verdict: str
    reasons: list[Reason]


def of(case: Case, reader: User) -> Openness:
    """Read who may open the case. Without a restriction only those who manage access ask."""
    may_manage = reader.has_perm(MANAGE)
    if not may_manage and not case.takes_a_grant:
        return Openness([], [], [], may_manage=False, other_teams=[])
    teams = _team_grants(case)
    recusals = case.recusals.standing().select_related("user").order_by("at") if may_manage else []
    granted = {grant.group_id for grant in teams}
    others = Group.objects.exclude(pk__in=granted).order_by("name") if may_manage else []
    return Openness(
        people=_person_grants(case),
        teams=teams,
        recusals=list(recusals),
        may_manage=may_manage,
        other_teams=list(others),
    )


def why(*, user: User, case: Case) -> Answer:
    """Answer why this person sees the case, or why not. It tells nothing of the content."""
    recusal = case.recusals.standing().filter(user=user).first()
    roles = list(_roles_that_open(user))
    special = list(_grants_of(user, case)) if case.takes_a_grant else []
    reasons = [*roles, *special]
    if recusal is not None:
        what = "Stepped away because of a conflict of interest"
        reasons.append(Reason(False, what, by=str(user), at=recusal.at))
    if not roles:
        verdict = "No: no role in force opens cases."
    elif recusal is not None:
        verdict = "No: they stepped away from this case, and that outweighs every grant."
    elif case.takes_a_grant and not special:
        verdict = "No: this case takes a grant of its own, and none is in force."
    elif case.takes_a_grant:
        verdict = "Yes: this case takes a grant of its own, and there is one."
    else:
        verdict = "Yes: every role that opens cases opens this one."
    return Answer(opens=verdict.startswith("Yes"), verdict=verdict, reasons=reasons)


def _roles_that_open(user: User) -> Iterator[Reason]:
    if not user.is_active:
        return
    for grant in _role_grants(user):
        if "cases.view_case" in PERMISSIONS[Role(grant.role)]:
            yield _of_role(grant)


def _grants_of(user: User, case: Case) -> Iterator[Reason]:
    """What opens this one case to the person, besides a role that opens cases."""
    if case.kind == Case.Kind.REPORT:
        for grant in _report_grants(user, case):
            yield _of_report_grant(grant)
    for access in _person_grants(case, user=user):
        yield _of_access(access, "A grant to this person")
    for team_access in _team_grants(case, group__user=user):
        yield _of_access(team_access, f"A grant to the team {team_access.group}")


def _role_grants(user: User) -> list[RoleGrant]:
    held = user.role_grants.in_force().select_related("granted_by", "approved_by")
    return list(held.order_by("starts_at", "pk"))


def _report_grants(user: User, case: Case) -> list[ReportGrant]:
    held = ReportGrant.objects.in_force().filter(report__reported_profiles__case=case, user=user)
    return list(held.select_related("granted_by").order_by("granted_at", "pk"))


def _person_grants(case: Case, **of: User) -> list[CaseUserAccess]:
    held = CaseUserAccess.access.in_force(timezone.now()).filter(content_object=case, **of)
    return list(held.select_related("user", "granted_by").order_by("granted_at", "pk"))


def _team_grants(case: Case, **of: User) -> list[CaseGroupAccess]:
    held = CaseGroupAccess.access.in_force(timezone.now()).filter(content_object=case, **of)
    return list(held.select_related("group", "granted_by").order_by("granted_at", "pk"))


def _of_role(grant: RoleGrant) -> Reason:
    givers = [str(giver) for giver in (grant.granted_by, grant.approved_by) if giver is not None]
    return Reason(
        True,
        f"The role {grant.get_role_display().lower()}",
        by=" and ".join(givers) or "set up with the desk",
        at=grant.starts_at,
        ends_at=grant.ends_at,
        reason=grant.reason,
    )


def _of_report_grant(grant: ReportGrant) -> Reason:
    return Reason(
        True,
        "A grant to open what the case came from",
        by=str(grant.granted_by),
        at=grant.granted_at,
        ends_at=grant.ends_at,
    )


def _of_access(access: CaseUserAccess | CaseGroupAccess, what: str) -> Reason:
    return Reason(
        True,
        what,
        by=str(access.granted_by or "set up with the desk"),
        at=access.granted_at,
        ends_at=access.ends_at,
        reason=access.reason,
    )
