"""What the rooms below know, as far as a person may know of it.

An incident or a match may belong to a case that is closed to somebody: then it is closed to
them too. One that no case took up yet is open to whoever may read its kind.
"""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from cases.models import (
    Case,
    CaseGroupAccess,
    CaseIncident,
    CaseMatch,
    CaseUserAccess,
    ReportedProfile,
)
from cases.models.reports import ReportedProfileQuerySet
from intake.models import ReportGrant
from platforms.models import Incident
from platforms.models.incidents import IncidentQuerySet
from sanctions.models import Match
from sanctions.models.matches import MatchQuerySet


def incidents_visible_to(user: User) -> IncidentQuerySet:
    """Return the incidents this person may know of. None without the permission."""
    incidents: IncidentQuerySet = Incident.objects.all()
    if not user.has_perm("platforms.view_incident"):
        return incidents.none()
    links = CaseIncident.objects.filter(incident=OuterRef("pk"))
    visible = links.filter(case__in=Case.objects.visible_to(user))
    return incidents.filter(~Exists(links) | Exists(visible))


def matches_visible_to(user: User) -> MatchQuerySet:
    """Return the matches this person may know of. None without the permission."""
    matches: MatchQuerySet = Match.objects.all()
    if not user.has_perm("sanctions.view_match"):
        return matches.none()
    links = CaseMatch.objects.filter(match=OuterRef("pk"))
    visible = links.filter(case__in=Case.objects.visible_to(user))
    return matches.filter(~Exists(links) | Exists(visible))


def reports_behind(case: Case, user: User) -> ReportedProfileQuerySet:
    """Return the reports behind a case whose summary this person may read.

    Those that they may open; and where the case was opened for a report, all of them for the
    people it was handed to. A case of another kind keeps its reports from its own team.
    `is_open_to_reader` tells whether the report itself opens to them too.
    """
    granted = ReportGrant.objects.in_force().filter(report=OuterRef("report"), user=user)
    links = ReportedProfile.objects.filter(case=case).annotate(is_open_to_reader=Exists(granted))
    if case.kind != Case.Kind.REPORT:
        return links.filter(is_open_to_reader=True)
    now = timezone.now()
    handed = CaseUserAccess.access.in_force(now).filter(content_object=OuterRef("case"), user=user)
    to_team = CaseGroupAccess.access.in_force(now).filter(
        content_object=OuterRef("case"), group__user=user
    )
    return links.filter(Q(is_open_to_reader=True) | Exists(handed) | Exists(to_team))
