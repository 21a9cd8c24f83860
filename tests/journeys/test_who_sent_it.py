"""Who sent a report: asked for, agreed to in the inbox, released by two, seen by one."""

import re

import pytest
from playwright.sync_api import Browser, Page

from config.demo.vault import vault_passphrase
from tests.journeys.conftest import Demo, Desk, People

pytestmark = pytest.mark.journey

PHONE = {"width": 360, "height": 740}
ONWARD = "main form .btn.primary"
NAME = "Maryam Vermilion"


def send_report(page: Page, intake_url: str) -> str:
    """Answer every question as a person does, the last one with a name. Return the receipt."""
    page.goto(f"{intake_url}/en/")
    page.click(".acts .btn.primary")
    page.fill("textarea", "relay.example/akhmat")
    page.check("input[value=back]")
    page.click(ONWARD)
    page.click(ONWARD)
    page.fill("textarea", "He posts every Friday.")
    for _ in ("what you saw", "files", "languages"):
        page.click(ONWARD)
    assert "Do you want to tell us who you are?" in page.inner_text("h1")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.fill("#id_name", NAME)
    page.click(ONWARD)
    numbers = re.findall(r"\d+", page.inner_text("label[for=id_answer]"))
    page.fill("#id_answer", str(sum(map(int, numbers))))
    page.click(ONWARD)
    parts = page.locator(".parts li").all_inner_texts()
    for field in page.locator(".two-fields input").all():
        number = int((field.get_attribute("name") or "").removeprefix("part_"))
        field.fill(parts[number - 1])
    page.click(ONWARD)
    return " ".join(parts)


def agree_in_the_inbox(page: Page, intake_url: str, receipt: str) -> None:
    page.goto(f"{intake_url}/en/inbox/")
    page.fill("textarea", receipt)
    page.click(ONWARD)
    assert "We ask to learn who you are" in page.inner_text("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.click("text=I agree")
    assert "You agreed. Two custodians decide now." in page.inner_text("main")


def release(desk: Desk, demo: Demo) -> None:
    """Agree as a custodian, by the page of the request."""
    desk.open("/reports/custodians/")
    desk.look("custodians")
    desk.page.click("text=Open the request of")
    desk.look("identity-request")
    assert NAME not in desk.page.inner_text("main")
    desk.page.fill("#id_passphrase", vault_passphrase(demo.record["password"]))
    desk.page.click("text=Agree to release it")
    desk.page.wait_for_load_state("networkidle")
    assert "You agreed." in desk.page.inner_text("main")


def test_from_the_request_to_what_one_person_sees(
    browser: Browser, demo: Demo, people: People
) -> None:
    intake_url = demo.record["intake_url"]
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    reporter = context.new_page()
    receipt = send_report(reporter, intake_url)

    noor = people.sign_in("noor@desk.example")
    noor.open("/reports/")
    noor.page.click("text=Claim a report of")
    noor.page.wait_for_load_state("networkidle")
    noor.page.click("text=Ask, or see a request")
    noor.look("identity-ask")
    noor.page.fill("#id_reason", "A court asks for a witness")
    noor.page.fill("#id_message", "A court asks whether you would speak. May we know who you are?")
    noor.page.click("text=Send the request")
    noor.page.wait_for_load_state("networkidle")
    noor.look("identity-words")
    words = " ".join(noor.page.locator(".words li").all_inner_texts())

    agree_in_the_inbox(reporter, intake_url, receipt)
    for email in ("edda@desk.example", "lale@desk.example"):
        release(people.sign_in(email), demo)

    noor.page.click("text=I have written them down")
    noor.page.wait_for_load_state("networkidle")
    noor.look("identity-released")
    assert NAME not in noor.page.inner_text("main")
    noor.page.fill("#id_words", words)
    noor.page.click("text=Show who sent it")
    noor.page.wait_for_load_state("networkidle")
    assert NAME in noor.page.inner_text("main")
    noor.look("identity-seen")

    reporter.goto(f"{intake_url}/en/inbox/")
    assert "Two custodians agreed" in reporter.inner_text("main")
    context.close()
