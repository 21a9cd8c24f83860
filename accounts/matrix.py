"""The table of roles as people read it: a line for each permission, grouped by what it touches."""

from dataclasses import dataclass

from accounts.roles import PERMISSIONS, SENSITIVE_ROLES, Role

ROLES = list(Role)


@dataclass(frozen=True, slots=True)
class Line:
    """One permission in words. `takes_two`: what it opens needs another person as well."""

    permission: str
    label: str
    takes_two: bool = False

    @property
    def cells(self) -> list[str]:
        """Say yes, two or no for each role, in the order of the roles."""
        held = "two" if self.takes_two else "yes"
        return [held if self.permission in PERMISSIONS[role] else "no" for role in ROLES]


GROUPS: tuple[tuple[str, tuple[Line, ...]], ...] = (
    (
        "Cases",
        (
            Line("cases.view_case", "See cases"),
            Line("cases.work_case", "Work a case"),
            Line("cases.propose_decision", "Propose a decision, such as a hold"),
            Line("cases.approve_decision", "Approve what somebody else proposed", takes_two=True),
            Line("cases.approve_release", "Approve the release of a hold", takes_two=True),
            Line("cases.hand_over", "Hand cases over to others"),
            Line("cases.manage_access", "Restrict a case, and say who opens it"),
            Line("cases.bulk_work", "Act on many cases, never restoring"),
            Line("cases.manage_policy", "Keep the policy table"),
            Line("cases.view_coverage", "See coverage"),
            Line("cases.view_redacted_case", "See cases without their content"),
            Line("cases.view_statistics", "See statistics"),
        ),
    ),
    (
        "Lists and matches",
        (
            Line("sanctions.view_list", "See lists"),
            Line("sanctions.view_match", "See matches"),
            Line("sanctions.adjudicate_match", "Confirm or clear a match"),
            Line("sanctions.manage_source", "Manage list sources"),
        ),
    ),
    (
        "Platforms",
        (
            Line("platforms.view_profile", "See profiles"),
            Line("platforms.view_incident", "See incidents"),
            Line("platforms.close_incident", "Close an incident"),
            Line("platforms.end_action", "End an action that failed"),
            Line("platforms.record_profiles", "Record profiles"),
            Line("platforms.manage_platform", "Manage platforms"),
            Line("platforms.pause_outbound", "Pause outbound actions"),
            Line("platforms.resume_outbound", "Resume outbound actions", takes_two=True),
        ),
    ),
    (
        "Confidential reports",
        (
            Line("intake.triage_report", "Triage reports and talk to reporters"),
            Line("intake.grant_report", "Open a report to a case team"),
            Line("intake.open_original", "Open an original that a reporter let be kept"),
            Line("cases.open_from_report", "Link a report to accounts and open its case"),
            Line("intake.approve_identity_release", "Release an identity", takes_two=True),
            Line("intake.agree_legal_hold", "Agree to keep a report by law", takes_two=True),
        ),
    ),
    (
        "Administration",
        (
            Line("accounts.manage_people", "Invite people and close accounts"),
            Line("accounts.grant_role", "Grant and end roles", takes_two=True),
            Line("accounts.view_roles", "See roles and who holds them"),
            Line("accounts.view_audit", "Read the whole record"),
        ),
    ),
)

SENSITIVE_NAMES = ", ".join(role.label.lower() for role in ROLES if role in SENSITIVE_ROLES)
