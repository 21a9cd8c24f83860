from sanctions.models.designations import Designation, DesignationVersion
from sanctions.models.matches import Match
from sanctions.models.screenings import ListScreening
from sanctions.models.sources import ListVersion, Source

__all__ = ["Designation", "DesignationVersion", "ListScreening", "ListVersion", "Match", "Source"]
