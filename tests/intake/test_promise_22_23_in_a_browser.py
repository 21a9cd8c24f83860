"""Promises 22 and 23 in a real browser: scripts off and on, and what Back shows after leaving."""

import re
from collections.abc import Iterator

import psycopg
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from intake import terms
from tests.browsers import chromium
from tests.intake import corpus
from tests.intake.zone import HOST, Zone, url_of

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]
PHONE = {"width": 360, "height": 740}
PHOTO = {"name": "photo.png", "mimeType": "image/png", "buffer": corpus.png()}


@pytest.fixture
def browser(zone: Zone) -> Iterator[Browser]:
    # Begun after the zone and ended before it: Playwright keeps a loop in this thread, and
    # Django refuses its database beside one.
    with chromium() as running:
        yield running


def send_report(page: Page, zone: Zone, *, scripts: bool) -> str:
    """Walk the whole form as a person does, and return the receipt."""
    onward = "main form .btn.primary"
    page.goto(f"{zone.url}/en/")
    page.click(".acts .btn.primary")
    page.fill("textarea", "relay.example/akhmat")
    page.check("input[value=back]")
    page.click(onward)
    page.click(onward)
    page.fill("textarea", "He posts every Friday.")
    page.click(onward)
    page.set_input_files("input[type=file]", files=[PHOTO])
    page.click("button[name=add]")
    assert page.inner_text(".files li p >> nth=0") == "photo.png"
    page.click(onward)
    page.click(onward)
    if scripts:
        page.wait_for_selector("[data-question]", state="hidden", timeout=60_000)
    else:
        numbers = re.findall(r"\d+", page.inner_text("label[for=id_answer]"))
        page.fill("#id_answer", str(sum(map(int, numbers))))
    page.click(onward)
    parts = page.locator(".parts li").all_inner_texts()
    for field in page.locator(".two-fields input").all():
        number = int((field.get_attribute("name") or "").removeprefix("part_"))
        field.fill(parts[number - 1])
    page.click(onward)
    return " ".join(parts)


def without_scripts(browser: Browser) -> BrowserContext:
    return browser.new_context(java_script_enabled=False, viewport=PHONE)


def test_scripts_off_the_whole_way_works_and_asks_nobody_else(browser: Browser, zone: Zone) -> None:
    with without_scripts(browser) as context:
        asked: set[str] = set()
        context.on("request", lambda request: asked.add(request.url.split("/")[2].split(":")[0]))
        page = context.new_page()
        receipt = send_report(page, zone, scripts=False)
        page.goto(f"{zone.url}/en/inbox/")
        page.fill("textarea", receipt)
        page.click("main form .btn.primary")
        assert page.inner_text("h1") == "Nobody has opened your report yet"
    assert asked == {HOST}
    with psycopg.connect(url_of("owner")) as connected:
        assert connected.execute("SELECT count(*) FROM intake_report").fetchone() == (1,)


def test_scripts_on_the_proof_is_computed_and_no_sum_is_asked(browser: Browser, zone: Zone) -> None:
    with browser.new_context(viewport=PHONE) as context:
        receipt = send_report(context.new_page(), zone, scripts=True)
        assert len(receipt.split()) == 10


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_fits_a_phone_and_breaks_no_rule_of_access(
    browser: Browser, zone: Zone, language: str
) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        for path in ("", "form/", "about/", "inbox/", "nowhere/"):
            page.goto(f"{zone.url}/{language}/{path}")
            assert Axe().run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_question_about_files_fits_a_phone_in_both_directions(
    browser: Browser, zone: Zone, language: str
) -> None:
    onward = "main form .btn.primary"
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{zone.url}/{language}/form/")
        page.fill("textarea", "relay.example/akhmat")
        page.check("input[value=back]")
        page.click(onward)
        page.click(onward)
        page.fill("textarea", "Every Friday")
        page.click(onward)
        for name, content in (("a.png", corpus.png()), ("b" * 110 + ".txt", b"text")):
            page.set_input_files(
                "input[type=file]", files=[PHOTO | {"name": name, "buffer": content}]
            )
            page.click("button[name=add]")
        page.set_input_files("input[type=file]", files=[PHOTO | {"name": "film.mp4"}])
        page.click("button[name=add]")
        assert page.locator(".files li").count() == 2
        for direction in ("ltr", "rtl"):
            page.evaluate("way => document.documentElement.dir = way", direction)
            assert Axe().run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_after_leaving_back_shows_nothing(browser: Browser, zone: Zone) -> None:
    """Shown to fail by leaving the end of the session and `Clear-Site-Data` out of `leave`."""
    with browser.new_context(viewport=PHONE) as context:
        context.route(f"{terms.EXIT_URL}**", lambda route: route.fulfill(body="elsewhere"))
        page = context.new_page()
        receipt = send_report(page, zone, scripts=True)
        page.goto(f"{zone.url}/en/inbox/")
        page.fill("textarea", receipt)
        page.click("main form .btn.primary")
        page.fill("textarea", "canary of a message")
        page.click("main form .btn.primary >> nth=0")
        assert "canary of a message" in page.content()

        page.click("a.exit")
        page.wait_for_url(f"{terms.EXIT_URL}**")
        assert context.cookies() == []
        for _ in range(4):
            page.go_back()
            seen = page.content()
            assert "canary of a message" not in seen
            assert receipt.split()[0] not in seen
            assert "He posts every Friday." not in seen
