from platforms.models.enforcement import Enforcement
from platforms.models.holds import Effect, Hold
from platforms.models.incidents import Incident
from platforms.models.outbound import DatabaseIdentity, OutboundPause
from platforms.models.platforms import Platform
from platforms.models.profiles import ObservedState, Profile, ProfileVersion

__all__ = [
    "DatabaseIdentity",
    "Effect",
    "Enforcement",
    "Hold",
    "Incident",
    "ObservedState",
    "OutboundPause",
    "Platform",
    "Profile",
    "ProfileVersion",
]
