"""The story in the browser: what people see while the mistaken restore is prevented."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Demo, People

pytestmark = pytest.mark.journey


def test_a_mistaken_restore_is_seen_undone_and_refused(people: People, demo: Demo) -> None:
    moderator = people.sign_in("mira@desk.example")
    page = moderator.page

    # Listed: a case opens by itself, and the queue shows it.
    demo.sync_sample("ofac_sdn_2_kadyrov_listed.xml")
    moderator.wait_for("/queue/", "@kadyrov_95")
    moderator.look("queue")
    page.get_by_role("link", name="@kadyrov_95").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("kadyrov_95")
    case_path = re.sub(r"^https?://[^/]+", "", page.url)

    # Decided: by keyboard, with a basis and a reason.
    page.get_by_role("button", name="Take lease").first.click()
    page.wait_for_selector("form[data-decision]")
    page.keyboard.press("1")
    expect(page.locator("input[name=outcome][value=suspend]")).to_be_checked()
    basis = page.locator("select[name=basis]")
    basis.select_option(index=1)
    reason = page.locator("form[data-decision] textarea[name=reason]")
    reason.fill("Same name in Cyrillic, same birth date, his own region.")
    moderator.look("case-undecided")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text("waits for a second reviewer")

    # Answered by another person.
    senior = people.sign_in("tola@desk.example")
    senior.open(case_path)
    senior.look("case-proposed")
    senior.page.get_by_text("Approve", exact=True).click()
    senior.page.get_by_role("button", name="Yes, approve it").click()
    expect(senior.page.locator("main")).to_contain_text("is approved")
    senior.wait_for(case_path, "Down")
    expect(senior.page.locator("main")).to_contain_text("Restore is refused")
    moderator.open(case_path)
    moderator.look("case")

    # Restored by somebody at the platform, without asking the desk.
    platform = people.browser.new_page()
    platform.goto(demo.record["sandbox_url"])
    account = platform.get_by_role("row", name=re.compile("@kadyrov_95 "))
    account.get_by_role("button").click()
    expect(account).to_contain_text("Up")
    platform.close()

    # Seen, and undone.
    moderator.wait_for("/incidents/", "@kadyrov_95")
    moderator.wait_for("/incidents/", "Down again")
    moderator.look("incidents")

    # Refused in the page, naming the hold.
    moderator.wait_for("/queue/", "Was up while 1 hold stood")
    page.get_by_role("row", name=re.compile("Was up while")).get_by_role(
        "link", name="@kadyrov_95"
    ).click()
    page.get_by_role("button", name="Take lease").first.click()
    page.wait_for_selector("form[data-decision]")
    restore = page.locator("input[name=outcome][value=restore]")
    expect(restore).to_have_attribute("aria-disabled", "true")
    moderator.look("case-drift")
    page.locator("select[name=basis]").select_option(index=1)
    page.fill("form[data-decision] textarea[name=reason]", "The owner asks for it.")
    # By hand, past the page's own refusal: the server has to answer for itself.
    restore.evaluate("radio => { radio.removeAttribute('aria-disabled'); radio.checked = true }")
    page.locator("form[data-decision] button.primary").click()
    expect(page.locator("#notice")).to_contain_text("Designation, OFAC 23343")

    # Delisted: people are asked, and nothing comes back by itself.
    demo.sync_sample("ofac_sdn_3_kadyrov_delisted.xml")
    moderator.wait_for("/queue/", "was delisted")
    moderator.open(case_path)
    expect(page.locator("main")).to_contain_text("Restore is refused")
    moderator.open("/coverage/?show=all")
    moderator.look("coverage")


def test_the_story_command_holds(demo: Demo) -> None:
    result = demo.manage("story", "--json")

    assert result.returncode == 0, result.stdout + result.stderr
    told = json.loads(result.stdout)
    assert told["held"] is True
    assert told["steps"]["suspended_again"] <= 60
    assert {"refused_in_page", "refused_by_api", "refused_by_sql"} <= told["steps"].keys()
