"""The lists known out of the box, with their publishers' own addresses."""

from dataclasses import dataclass

from sanctions.models import Source
from sanctions.refusals import UnknownSource

_OFAC_EXPORTS = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
# OFAC answers with a redirect to a signed address in the government region of Amazon S3.
_OFAC_HOSTS = ("sanctionslistservice.ofac.treas.gov", ".s3.us-gov-west-1.amazonaws.com")
_OFAC = "US Department of the Treasury, Office of Foreign Assets Control"


@dataclass(frozen=True, slots=True)
class OfficialList:
    """Where a publisher puts a list."""

    name: str
    short_name: str
    publisher: str
    urls: tuple[str, ...]
    allowed_hosts: tuple[str, ...]


OFFICIAL_LISTS = {
    "ofac-sdn": OfficialList(
        name="OFAC Specially Designated Nationals",
        short_name="OFAC",
        publisher=_OFAC,
        urls=(_OFAC_EXPORTS + "SDN.XML",),
        allowed_hosts=_OFAC_HOSTS,
    ),
    "ofac-consolidated": OfficialList(
        name="OFAC Consolidated (non-SDN)",
        short_name="OFAC non-SDN",
        publisher=_OFAC,
        urls=(_OFAC_EXPORTS + "CONSOLIDATED.XML",),
        allowed_hosts=_OFAC_HOSTS,
    ),
}


def source_called(slug: str) -> Source:
    """The source of that name, created on first use if it is an official one.

    Raises `UnknownSource`. An existing row is left as people here configured it.
    """
    official = OFFICIAL_LISTS.get(slug)
    if official is None:
        try:
            return Source.objects.get(slug=slug)
        except Source.DoesNotExist:
            known = ", ".join(sorted({*OFFICIAL_LISTS, *_configured_slugs()}))
            raise UnknownSource(f"There is no list called {slug!r}. Known: {known}.") from None
    source, _ = Source.objects.get_or_create(
        slug=slug,
        defaults={
            "name": official.name,
            "short_name": official.short_name,
            "publisher": official.publisher,
            "urls": list(official.urls),
            "allowed_hosts": list(official.allowed_hosts),
        },
    )
    return source


def _configured_slugs() -> list[str]:
    return list(Source.objects.values_list("slug", flat=True))
