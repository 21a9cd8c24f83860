"""Cases of the kinds that need more than a match."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import PIPELINE, RECONCILER
from accounts.models import User
from cases import opening
from cases.models import Case
from platforms import incidents
from platforms.models import Incident
from tests.cases.builders import delist, held_profile


@pytest.fixture
def delisting_case(moderator: User) -> Case:
    """A profile is held for one designation, and that designation was delisted."""
    profile = held_profile(moderator)
    designation = profile.holds.get().basis.designation
    delist(designation)
    return opening.open_for_delisting(actor=PIPELINE, profile=profile, designation=designation)


@pytest.fixture
def drift_case(moderator: User) -> Case:
    """A held profile is up, and nobody has said why."""
    incident, _ = incidents.open_incident(
        actor=RECONCILER,
        profile=held_profile(moderator),
        kind=Incident.Kind.DRIFT,
        began_at=timezone.now() - timedelta(hours=1),
    )
    return opening.open_for_incident(actor=PIPELINE, incident=incident)
