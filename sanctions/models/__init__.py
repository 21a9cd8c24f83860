from sanctions.models.designations import Designation, DesignationVersion
from sanctions.models.matches import Match
from sanctions.models.profile_keys import KeptProfile, KeyText
from sanctions.models.screenings import ListScreening
from sanctions.models.sources import ListVersion, Source

__all__ = [
    "Designation",
    "DesignationVersion",
    "KeptProfile",
    "KeyText",
    "ListScreening",
    "ListVersion",
    "Match",
    "Source",
]
