"""The one table of roles: who may do what.

Roles are data in code, so that a change of power is a reviewed change. A permission is
named `room.verb`; lower rooms are asked for theirs by name and import nothing from here.
An administrator hands out power and opens no case content.
"""

from django.db import models


class Role(models.TextChoices):
    MODERATOR = "moderator", "Moderator"
    SENIOR_REVIEWER = "senior_reviewer", "Senior reviewer"
    SANCTIONS_ANALYST = "sanctions_analyst", "Sanctions analyst"
    LEGAL_COUNSEL = "legal_counsel", "Legal counsel"
    INTAKE_COORDINATOR = "intake_coordinator", "Intake coordinator"
    CUSTODIAN = "custodian", "Custodian"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


_DESK_READER = {
    "cases.view_case",
    "cases.view_coverage",
    "platforms.view_profile",
    "platforms.view_incident",
    "sanctions.view_list",
    "sanctions.view_match",
}
_CASE_WORKER = _DESK_READER | {
    "cases.work_case",
    "cases.propose_decision",
    "sanctions.adjudicate_match",
}

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.MODERATOR: frozenset(_CASE_WORKER),
    Role.SENIOR_REVIEWER: frozenset(
        _CASE_WORKER
        | {
            "cases.approve_decision",
            "cases.hand_over",
            "cases.manage_access",
            "cases.bulk_work",
            "platforms.close_incident",
            "platforms.end_action",
            "platforms.pause_outbound",
            "platforms.resume_outbound",
        }
    ),
    Role.SANCTIONS_ANALYST: frozenset(
        _DESK_READER
        | {
            "platforms.record_profiles",
            "sanctions.adjudicate_match",
            "sanctions.manage_source",
        }
    ),
    Role.LEGAL_COUNSEL: frozenset(
        _DESK_READER
        | {
            "cases.work_case",
            "cases.propose_decision",
            "cases.approve_decision",
            "cases.approve_release",
            "cases.manage_access",
            "cases.manage_policy",
            "intake.agree_legal_hold",
            "intake.open_original",
        }
    ),
    Role.INTAKE_COORDINATOR: frozenset(
        {"intake.triage_report", "intake.grant_report", "cases.open_from_report"}
    ),
    Role.CUSTODIAN: frozenset({"intake.approve_identity_release"}),
    Role.AUDITOR: frozenset(
        {
            "accounts.view_audit",
            "accounts.view_roles",
            "cases.view_redacted_case",
            "cases.view_statistics",
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            "accounts.manage_people",
            "accounts.grant_role",
            "accounts.view_roles",
            "platforms.manage_platform",
            "platforms.record_profiles",
            "platforms.pause_outbound",
            "platforms.resume_outbound",
            "sanctions.manage_source",
        }
    ),
}

# A role that decides over others, or over the desk itself, is handed out by two administrators.
SENSITIVE_ROLES = frozenset(
    {Role.SENIOR_REVIEWER, Role.LEGAL_COUNSEL, Role.CUSTODIAN, Role.ADMINISTRATOR}
)


def forbidden_together(one: Role, other: Role) -> str | None:
    """Return why nobody may hold both roles, or None where somebody may.

    The database holds the same rule (migration 0006); a test keeps the two equal.
    """
    pair = {one, other}
    if len(pair) == 2 and Role.ADMINISTRATOR in pair:
        return "Whoever hands out power opens no cases and checks no records."
    if pair == {Role.CUSTODIAN, Role.INTAKE_COORDINATOR}:
        return "Whoever talks to reporters does not release their identities."
    return None


ALL_PERMISSIONS = frozenset().union(*PERMISSIONS.values())


def roles_with(permission: str) -> list[Role]:
    """Return the roles that give a permission, in the order of the table."""
    return [role for role in Role if permission in PERMISSIONS[role]]


def permissions_of(roles: set[Role]) -> frozenset[str]:
    """Return what the roles allow together."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles))
