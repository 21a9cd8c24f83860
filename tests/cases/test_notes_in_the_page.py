"""Notes: added from the page, escaped, and kept from who may not work the case."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cases.builders import open_match_case
from tests.cases.pages import HTMX, page

pytestmark = pytest.mark.django_db


def test_a_note_is_kept_and_the_case_stays_at_its_version(client: Client, moderator: User) -> None:
    case = open_match_case()
    client.force_login(moderator)

    response = client.post(reverse("cases:add_note", args=[case.pk]), {"text": " Look again. "})

    before = case.version
    case.refresh_from_db()
    assert response.status_code == 302
    assert case.notes.get().text == "Look again."
    assert case.version == before


def test_htmx_gets_the_notes_alone_and_a_word_for_readers(client: Client, moderator: User) -> None:
    case = open_match_case()
    client.force_login(moderator)

    response = client.post(
        reverse("cases:add_note", args=[case.pk]), {"text": "<b>Bold</b>"}, headers=HTMX
    )

    html = response.content.decode()
    assert html.count("<section") == 1
    assert "&lt;b&gt;Bold&lt;/b&gt;" in html
    assert 'id="live"' in html
    assert "Note added." in html


def test_an_empty_note_is_refused(client: Client, moderator: User) -> None:
    case = open_match_case()
    client.force_login(moderator)

    response = client.post(reverse("cases:add_note", args=[case.pk]), {"text": "  "})

    assert response.status_code == 409
    assert not case.notes.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("analyst", 403), ("auditor", 404), ("administrator", 404)]
)
def test_who_may_not_work_cases_writes_none(
    request: pytest.FixtureRequest, client: Client, who: str, status: int
) -> None:
    case = open_match_case()
    client.force_login(request.getfixturevalue(who))

    response = client.post(reverse("cases:add_note", args=[case.pk]), {"text": "Mine"})

    assert response.status_code == status
    assert not case.notes.exists()


def test_the_next_reviewer_reads_it(client: Client, moderator: User, other_moderator: User) -> None:
    case = open_match_case()
    client.force_login(moderator)
    client.post(reverse("cases:add_note", args=[case.pk]), {"text": "See item 6."})

    assert "See item 6." in page(client, other_moderator, case)
