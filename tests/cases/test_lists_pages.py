"""The lists: what is in force, what was refused and why, and what a version changed."""

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actors import LIST_SYNC
from accounts.models import User
from cases.list_changes import field_changes
from sanctions.formats.entries import diff
from sanctions.models import DesignationVersion, ListVersion
from sanctions.sources import source_called
from sanctions.sync import sync
from tests.cases.builders import make_designation, make_list_version, make_source

pytestmark = pytest.mark.django_db

LISTS = reverse("cases:lists")
SAMPLES = Path(__file__).resolve().parents[2] / "sanctions" / "samples"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(version: ListVersion) -> str:
    return reverse("cases:list", args=[version.source.slug, version.number])


def test_a_refused_download_stands_out_with_its_reason_and_what_still_serves(
    moderator: User, tmp_path: Path
) -> None:
    source = source_called("ofac-sdn")
    page = tmp_path / "SDN.XML"
    page.write_text("<html><body>Service unavailable</body></html>")
    sync(actor=LIST_SYNC, source=source, origins=[str(SAMPLES / "ofac_sdn_1_before.xml")])
    refused = sync(actor=LIST_SYNC, source=source, origins=[str(page)])
    client = client_of(moderator)

    shown = client.get(LISTS).content.decode()
    version = source.versions.get(number=2)
    detail = client.get(address(version)).content.decode()

    assert refused.quarantined
    assert "Newest download refused" in shown
    assert "Version 2 is quarantined" in shown
    assert "Version 1 keeps serving" in shown
    assert "This download was refused" in detail


def test_a_version_shows_what_it_added_and_delisted(moderator: User) -> None:
    source = source_called("ofac-sdn")
    for sample in ("1_before", "2_kadyrov_listed", "3_kadyrov_delisted"):
        sync(actor=LIST_SYNC, source=source, origins=[str(SAMPLES / f"ofac_sdn_{sample}.xml")])
    listed, ended = source.versions.get(number=2), source.versions.get(number=3)
    client = client_of(moderator)

    added = client.get(f"{address(listed)}?change=added").content.decode()
    delisted = client.get(f"{address(ended)}?change=delisted").content.decode()

    assert "KADYROV, Ramzan Akhmatovich" in added
    assert "KADYROV, Ramzan Akhmatovich" in delisted
    assert "KADYROV" not in client.get(f"{address(ended)}?change=added").content.decode()


def test_a_change_is_told_field_by_field() -> None:
    before = {"title": "Colonel", "programs": ["GLOMAG"], "names": [{"text": "A", "type": "aka"}]}
    after = {"programs": ["GLOMAG", "MAGNIT"], "names": [{"text": "B", "type": "aka"}]}

    told = {change.field: change for change in field_changes(diff(before, after))}

    assert told["Programs"].added == ["MAGNIT"]
    assert told["Programs"].removed == []
    assert told["Title"].removed == ["Colonel"]
    assert told["Title"].added == []
    assert told["Names"].removed == ["A, aka"]
    assert told["Names"].added == ["B, aka"]


def test_members_in_another_order_are_told_as_that() -> None:
    (change,) = field_changes(diff({"dates": ["1", "2"]}, {"dates": ["2", "1"]}))

    assert change.is_reordered


def test_pages_of_a_version_are_complete(moderator: User) -> None:
    version = make_list_version(make_source())
    for number in range(60):
        written = make_designation(f"PERSON, {number:02}").versions.get()
        DesignationVersion.objects.filter(pk=written.pk).update(valid_to=written.valid_from)
        written.pk, written.number, written.list_version = None, 2, version
        written.save(force_insert=True)
    client = client_of(moderator)

    first = client.get(address(version))
    second = client.get(first.context["next_url"])
    shown = [entry.pk for page in (first, second) for entry, _ in page.context["rows"]]

    assert len(shown) == len(set(shown)) == 60
    assert second.context["next_url"] is None


def test_the_number_of_queries_does_not_depend_on_the_number_of_lists(moderator: User) -> None:
    client = client_of(moderator)

    def queries_for(lists: int) -> int:
        for number in range(lists):
            source = make_source(f"list-{number}", f"L{number}")
            for _ in range(3):
                make_list_version(source)
        client.get(LISTS)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LISTS).status_code == 200
        return len(captured)

    assert queries_for(2) == queries_for(10)


def test_no_list_yet_says_how_one_comes(moderator: User) -> None:
    assert "No list is followed yet" in client_of(moderator).get(LISTS).content.decode()


def test_roles_outside_the_desk_are_refused(administrator: User) -> None:
    version = make_list_version(make_source())
    client = client_of(administrator)

    assert client.get(LISTS).status_code == 403
    assert client.get(address(version)).status_code == 403


def test_an_unknown_version_is_not_there(moderator: User) -> None:
    url = reverse("cases:list", args=["nothing", 1])

    assert client_of(moderator).get(url).status_code == 404
