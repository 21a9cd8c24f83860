"""The accounts of a report and what became of them, read in a constant number of queries."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import User
from cases.models import Case, CaseUserAccess, Decision, ReportedProfile
from cases.standing import Status
from intake.models import Report


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a report. `team` are the people the case was handed to, while they are in."""

    link: ReportedProfile
    status: Status
    team: list[CaseUserAccess]

    @property
    def may_be_handed_over(self) -> bool:
        """Tell whether the case was opened for a report. Another is open to the desk already."""
        case = self.link.case
        return case is not None and case.kind == Case.Kind.REPORT and not case.is_settled

    @property
    def waits_for_an_answer(self) -> bool:
        """Tell whether the case is decided and the reporter not told yet."""
        case, report = self.link.case, self.link.report
        return case is not None and case.is_settled and report.state == Report.State.IN_HAND


def read(report: Report) -> list[Account]:
    """Return the accounts of a report, in the order in which they were linked.

    A coordinator opens no case. Of each they learn its state and its outcome, to write the
    answer by, and nothing else.
    """
    team = CaseUserAccess.access.in_force(timezone.now()).select_related("user").order_by("pk")
    decided = Decision.objects.filter(state=Decision.State.APPROVED).order_by("-settled_at", "-pk")
    links = (
        report.reported_profiles.select_related("report", "profile__platform", "case")
        .prefetch_related(
            Prefetch("case__caseuseraccess_set", queryset=team, to_attr="team"),
            Prefetch("case__decisions", queryset=decided, to_attr="approved"),
        )
        .order_by("pk")
    )
    return [_account(link) for link in links]


def waiting_for_an_answer(user: User) -> list[Report]:
    """Return the reports this coordinator holds that were decided and not answered yet."""
    links = ReportedProfile.objects.held_by(user).waiting_for_an_answer()
    return list(Report.objects.filter(pk__in=links.values("report")).order_by("day", "pk"))


def _account(link: ReportedProfile) -> Account:
    case = link.case
    if case is None:
        return Account(link, Status("quiet", "No case yet"), [])
    if not case.is_settled:
        status = Status("wait", case.get_state_display())
    else:
        approved: list[Decision] = getattr(case, "approved", [])
        outcome = approved[0].get_outcome_display() if approved else "closed"
        status = Status("clear", f"Decided: {outcome}")
    return Account(link, status, getattr(case, "team", []))
