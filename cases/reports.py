"""From a confidential report to a case: name the account, open the case, hand it to a team.

The coordinator who holds the report does all of it. Every event is the report's own: neither the
account's history nor any case's shows one, and what is written to a case holds nothing of the
report. What the reporter is told is written by the coordinator, in the report's inbox.
"""

from datetime import timedelta
from urllib.parse import unquote, urlsplit

from django.contrib.auth.models import Permission
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone

from accounts import audit
from accounts.models import User
from accounts.refusals import NotAllowed
from cases import opening, visibility, writes
from cases.models import Case, CaseUserAccess, ReportedProfile
from cases.refusals import AccessRefused, ReportLinkRefused
from intake import access, reading, terms
from intake.models import Report
from intake.refusals import require_reason
from platforms.models import Profile

PROFILES_SHOWN = 20


def handle_of(typed: str) -> str:
    """Return the handle in what a coordinator types: itself, with an @, or a link to it."""
    text = typed.strip()
    path = urlsplit(text).path if "://" in text else text.split("?")[0].split("#")[0]
    parts = [part for part in path.split("/") if part]
    return unquote(parts[-1]).removeprefix("@") if parts else ""


def find_profiles(typed: str) -> QuerySet[Profile]:
    """Return the accounts of exactly this handle, whatever its case, widest reach first."""
    handle = handle_of(typed).lower()
    if not handle:
        return Profile.objects.none()
    named = Profile.objects.alias(folded=Lower("handle")).filter(folded=handle)
    return named.select_related("platform").order_by("-reach", "pk")[:PROFILES_SHOWN]


@transaction.atomic
def link_profile(*, actor: User, report: Report, profile: Profile) -> ReportedProfile:
    """Put on record that a report speaks of an account. No case follows by itself.

    Raises `NotAllowed`, `NotYours` or `ReportLinkRefused`.
    """
    held = _hold(actor, report)
    if held.reported_profiles.filter(profile=profile).exists():
        raise ReportLinkRefused(f"{profile} is linked to this report already.").about(report)
    link = ReportedProfile.objects.create(report=held, profile=profile, linked_by=actor)
    _record(actor, "report.account_linked", link)
    return link


@transaction.atomic
def unlink_profile(*, actor: User, link: ReportedProfile) -> None:
    """Take back a wrong link. Refused once a case was opened by it."""
    held = _hold(actor, link.report)
    current = held.reported_profiles.get(pk=link.pk)
    _require_no_case(current)
    _record(actor, "report.account_unlinked", current)
    current.delete()


@transaction.atomic
def open_from_report(*, actor: User, report: Report, profile: Profile, reason: str) -> Case:
    """Open a case for an account of a report, or join the one that is open, unseen by its team.

    A case that is joined does not move, and nothing of it tells of the report. `reason` stays in
    the record of the report. Raises `NotAllowed`, `NotYours`, `ReasonMissing` or
    `ReportLinkRefused`.
    """
    held = _hold(actor, report)
    require_reason(reason)
    link = held.reported_profiles.filter(profile=profile).first()
    if link is None:
        link = link_profile(actor=actor, report=held, profile=profile)
    _require_no_case(link)
    link.case = opening.open_for_report(actor=actor, profile=profile)
    link.save(update_fields=["case"])
    _record(actor, "report.case_linked", link, reason=reason, case=link.case.pk)
    return link.case


@transaction.atomic
def hand_to(*, actor: User, link: ReportedProfile, user: User, reason: str) -> CaseUserAccess:
    """Let a reviewer into the case of a report for 30 days: the case and the summary, no more.

    The report itself stays closed to them; `intake.access.share` opens that. Whoever manages
    access may let others in from there. Raises `NotAllowed`, `NotYours`, `ReasonMissing` or
    `AccessRefused`.
    """
    report = _hold(actor, link.report)
    require_reason(reason)
    case = link.case
    if case is None or case.kind != Case.Kind.REPORT:
        raise AccessRefused("No case was opened for this account that could be handed over.")
    _require_could_work(actor, user, case)
    ends_at = timezone.now() + timedelta(days=terms.GRANT_DAYS)
    granted = CaseUserAccess.access.create(
        content_object=case,
        user=user,
        permission=Permission.objects.get(
            content_type__app_label="cases", content_type__model="case", codename="view_case"
        ),
        reason=reason.strip(),
        granted_by=actor,
        ends_at=ends_at,
    )
    audit.record(
        actor=actor,
        verb="report.case_handed_over",
        target=report,
        about=[user],
        changes={"case": case.pk, "user": user.pk, "ends_at": ends_at.isoformat()},
        reason=reason,
    )
    return granted


@transaction.atomic
def read_summary(*, actor: User, link: ReportedProfile, reason: str) -> str:
    """Open what the coordinator wrote for the people of the case. The reading is on record.

    Raises `NotAllowed`, `ReasonMissing` and `NotReadable`.
    """
    if link.case is None:
        raise NotAllowed("This report is not open to you.")
    writes.require_on(link.case, actor, "cases.view_case")
    if not visibility.reports_behind(link.case, actor).filter(pk=link.pk).exists():
        raise NotAllowed("This report is not open to you.")
    return reading.read_summary(actor=actor, report=link.report, reason=reason)


def _hold(actor: User, report: Report) -> Report:
    """Lock the report. Raise unless the actor may open cases, and holds it and works on it."""
    locked = access.locked(report)
    writes.require(actor, "cases.open_from_report")
    access.must_hold(actor, locked)
    if locked.state != Report.State.IN_HAND:
        raise ReportLinkRefused("The report is closed. Take it in hand again first.").about(report)
    return locked


def _require_no_case(link: ReportedProfile) -> None:
    if link.case_id is not None:
        raise ReportLinkRefused("This account has its case already.").about(link.report)


def _require_could_work(actor: User, user: User, case: Case) -> None:
    if user == actor:
        raise AccessRefused("Hand it to somebody else: who talks to reporters decides no case.")
    if not user.has_perm("cases.view_case"):
        raise AccessRefused(f"No role of {user.name} opens cases. An administrator grants roles.")
    if case.recusals.standing().filter(user=user).exists():
        raise AccessRefused(f"{user.name} stepped away from this case.")
    now = timezone.now()
    if CaseUserAccess.access.in_force(now).filter(content_object=case, user=user).exists():
        raise AccessRefused(f"{user.name} can open this case already.")


def _record(actor: User, verb: str, link: ReportedProfile, reason: str = "", **more: int) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        target=link.report,
        changes={"profile": link.profile_id, **more},
        reason=reason,
    )
