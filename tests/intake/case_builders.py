"""Reports as these tests need them: in a coordinator's hands, with a summary."""

from accounts.models import User
from cases import reports
from cases.models import Case, ReportedProfile
from intake import access, reading
from intake.models import Report
from platforms.models import Profile
from tests.cases.builders import make_profile

SUMMARY = "A successor of an account that was taken down."


def in_hand(coordinator: User, report: Report) -> Report:
    """Claim the report and write a summary, as the coordinator would."""
    access.claim(actor=coordinator, report=report)
    reading.summarise(actor=coordinator, report=report, text=SUMMARY)
    return report


def linked(coordinator: User, report: Report, profile: Profile | None = None) -> ReportedProfile:
    return reports.link_profile(
        actor=coordinator, report=report, profile=profile or make_profile(handle="akhmat")
    )


def opened(coordinator: User, report: Report, profile: Profile | None = None) -> Case:
    return reports.open_from_report(
        actor=coordinator,
        report=report,
        profile=profile or make_profile(handle="akhmat"),
        reason="The handle is the same.",
    )
