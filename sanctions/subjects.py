"""The matcher's view of what the database keeps: one designation version, one profile version."""

from platforms.models import ProfileVersion
from sanctions.formats.entries import ListEntry
from sanctions.matching import ListedName, ListedSubject, ScreenedProfile
from sanctions.models import DesignationVersion


def as_subject(version: DesignationVersion) -> ListedSubject:
    """The matcher's view of one designation version. Its key is the version's id."""
    entry = ListEntry.from_canonical(version.content)
    names = tuple(ListedName(name.text, name.quality, name.role) for name in entry.names)
    return ListedSubject(
        key=str(version.pk),
        kind=entry.kind,
        names=names or (ListedName(entry.primary_name),),
        dates_of_birth=entry.dates_of_birth,
        countries=tuple(
            dict.fromkeys(
                [
                    *entry.nationalities,
                    *entry.citizenships,
                    *(address.country for address in entry.addresses if address.country),
                ]
            )
        ),
        websites=entry.websites,
    )


def as_screened(version: ProfileVersion) -> ScreenedProfile:
    """The matcher's view of one profile version."""
    return ScreenedProfile(
        handle=version.handle,
        display_name=version.display_name,
        bio=version.bio,
        links=tuple(version.links),
        country=version.country,
        date_of_birth=version.date_of_birth,
    )
