"""What the rooms below know, as far as a person may know of it.

An incident or a match may belong to a case that is closed to somebody: then it is closed to
them too. One that no case took up yet is open to whoever may read its kind.
"""

from django.db.models import Exists, OuterRef

from accounts.models import User
from cases.models import Case, CaseIncident, CaseMatch
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
