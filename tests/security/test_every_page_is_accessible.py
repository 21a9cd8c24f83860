"""Every page of the table passes axe, in light and in dark.

The pages are asked for first, in the transaction of these tests, and then shown to a real
Chromium: a server of its own could not see what was never committed.
"""

import mimetypes
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Route

from tests.browsers import chromium
from tests.security.matrix import GET, ROWS
from tests.security.walking import prepare, send, who_passes
from tests.security.world import World, undone

pytestmark = pytest.mark.journey

DESK = "http://desk.example"


@dataclass(frozen=True)
class Shown:
    """A page as it was answered."""

    name: str
    address: str
    headers: dict[str, str]
    body: bytes


def test_every_page_passes_axe_in_both_themes(world: World) -> None:
    pages = pages_of_the_desk(world)
    assert len(pages) > 30
    answers = {page.address: page for page in pages}
    complaints = []
    with chromium() as browser:
        window = browser.new_page(viewport={"width": 1280, "height": 900})
        window.route(f"{DESK}/**", lambda route: _answer(route, answers))
        for page in pages:
            window.goto(DESK + page.address)
            for theme in ("light", "dark"):
                window.emulate_media(color_scheme=theme)
                found = Axe().run(window)
                if found.violations_count:
                    complaints.append(f"{page.name}, {theme}: {found.generate_report()}")
    assert not complaints, "\n".join(complaints)


def pages_of_the_desk(world: World) -> list[Shown]:
    """Each page that answers with HTML to somebody who may see it."""
    pages = []
    for row in ROWS:
        if row.method != GET or row.is_api:
            continue
        with undone():
            who = who_passes(world, row)
            address, body = prepare(world, row, who)
            answer = send(world.browser(who), GET, address, body)
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            pages.append(Shown(row.name, address, dict(answer.headers), answer.content))
    return pages


def _answer(route: Route, answers: dict[str, Shown]) -> None:
    path = route.request.url.removeprefix(DESK)
    if path in answers:
        page = answers[path]
        route.fulfill(status=200, headers=page.headers, body=page.body)
    elif path.startswith("/static/") and (found := finders.find(path.removeprefix("/static/"))):
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        route.fulfill(status=200, path=found, content_type=kind)
    else:
        route.fulfill(status=404, body="")
