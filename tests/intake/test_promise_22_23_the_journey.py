"""Promises 22 and 23: everything works without scripts and alone; leaving leaves nothing."""

import re

import pytest

from intake import terms
from intake.models import Report, ZoneSession
from tests.intake.zone import HOST, Reporter, Zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

STRICT = ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")


def test_a_report_is_sent_without_a_script(reporter: Reporter) -> None:
    receipt = reporter.report()
    assert len(receipt.split()) == 10
    assert Report.objects.count() == 1
    reporter.open_inbox(receipt)
    assert reporter.heading() == "Nobody has opened your report yet"


def test_digits_are_given_to_readers_of_other_scripts(reporter: Reporter) -> None:
    receipt = reporter.report(script="digits")
    assert len(receipt.replace(" ", "")) == 39
    assert reporter.open_inbox(receipt).status_code == 200


def test_going_back_loses_nothing(reporter: Reporter) -> None:
    reporter.answer_questions(person="Рамзан К.", narrative="He <b>posts</b>\nevery Friday")
    for _ in range(4):
        step = re.search(r'name="step" value="(\w+)"', reporter.page).group(1)
        reporter.follow(reporter.post("/en/form/", step=step, back="1"))
    assert "Рамзан К." in reporter.page


def test_an_unfinished_answer_is_kept_going_back(reporter: Reporter) -> None:
    reporter.answer_questions(narrative="Kept")
    reporter.follow(reporter.post("/en/form/", step="languages", back="1"))
    reporter.follow(reporter.post("/en/form/", step="narrative", narrative="Half a", back="1"))
    reporter.follow(reporter.post("/en/form/", step="person", person=""))
    assert "Half a" in reporter.page


def test_opening_an_inbox_in_between_loses_nothing_and_changes_the_cookie(
    reporter: Reporter,
) -> None:
    receipt = reporter.report()
    reporter.answer_questions(narrative="A second report")
    before = reporter.cookies["__Host-form"]
    reporter.open_inbox(receipt)
    assert reporter.cookies["__Host-form"] != before
    assert "A second report" in reporter.get("/en/form/").text


def test_markup_is_shown_as_text(reporter: Reporter) -> None:
    page = reporter.answer_questions(narrative="<script>alert(1)</script>").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


def test_a_text_of_200_000_characters_of_any_script_is_kept_whole(reporter: Reporter) -> None:
    narrative = "Я видел 🕊 " * 20_000
    page = reporter.answer_questions(narrative=narrative[: terms.MOST_NARRATIVE_CHARACTERS])
    assert "Я видел 🕊" in page.text
    reporter.send()
    assert Report.objects.count() == 1


def test_a_longer_text_comes_back_with_what_is_wrong(reporter: Reporter) -> None:
    reporter.answer_questions()
    narrative = "long " * 41_000
    response = reporter.post("/en/form/", step="narrative", narrative=narrative)
    assert response.status_code == 422
    assert narrative.strip() in response.text


def test_a_session_that_expired_in_the_middle_keeps_what_is_sent_now(
    reporter: Reporter,
) -> None:
    reporter.answer_questions()
    ZoneSession.objects.using("owner").all().delete()
    page = reporter.follow(
        reporter.post("/en/form/", step="narrative", narrative="Typed for an hour")
    ).text
    assert "erased" in page
    assert "Question 1" in page
    reporter.follow(reporter.post("/en/form/", step="accounts", accounts="x", why="back"))
    reporter.follow(reporter.post("/en/form/", step="person", person=""))
    assert "Typed for an hour" in reporter.page


def test_every_answer_is_strict_and_kept_in_no_cache(reporter: Reporter) -> None:
    """Shown to fail by putting the middleware of the policy last."""
    reporter.get("/en/")
    answers = [
        reporter.get(path)
        for path in ("/en/", "/ru/form/", "/en/inbox/", "/en/about/", "/nope/", "/leave/")
    ]
    answers.append(reporter.get("/static/css/calm.css"))
    reporter.page = ""
    answers.append(reporter.post("/en/form/", step="accounts"))
    answers.append(reporter.post("/en/form/", step="x", narrative="y" * 5_000_000))
    assert {answer.status_code for answer in answers} >= {200, 302, 400, 403, 404}
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert all(part in policy for part in STRICT), answer.url
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"


def test_nothing_is_asked_of_another_host(reporter: Reporter) -> None:
    receipt = reporter.report()
    pages = [reporter.get(path).text for path in ("/en/", "/en/form/", "/en/about/", "/en/inbox/")]
    pages.append(reporter.open_inbox(receipt).text)
    for page in pages:
        hosts = set(re.findall(r"(?:src|href|action)=\"(?:https?:)?//([^/\"]+)", page))
        assert hosts <= {HOST}
        assert " style=" not in page
        assert " onclick" not in page


def test_the_address_never_tells_the_step(reporter: Reporter) -> None:
    reporter.report()
    assert set(reporter.visited) == {"/en/form/"}


def test_cookies_are_bound_to_this_host(reporter: Reporter) -> None:
    response = reporter.get("/en/form/")
    reporter.post("/en/form/", step="accounts", accounts="x", why="back")
    for cookie in response.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        assert "expires" not in cookie.lower()


def test_leaving_ends_the_session_and_clears_the_browser(zone: Zone) -> None:
    """Shown to fail by leaving `request.visit.end()` out of `views.report.leave`."""
    reporter = zone.reporter()
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    held = dict(reporter.cookies)
    answer = reporter.get("/leave/")
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert answer.headers["location"] == terms.EXIT_URL
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not ZoneSession.objects.using("owner").exists()

    back = Reporter(reporter.socket, cookies=held)
    back.get("/en/inbox/")
    assert back.heading() == "Open your inbox"


def test_every_page_has_the_exit_before_everything_but_the_name(reporter: Reporter) -> None:
    receipt = reporter.report()
    for path in ("/en/", "/en/form/", "/en/about/", "/en/inbox/", "/nowhere/"):
        reporter.get(path)
        links = re.findall(r'<a [^>]*href="([^"]+)"', reporter.page)
        assert links[2] == "/leave/", path
    reporter.open_inbox(receipt)
    assert 'href="/leave/"' in reporter.page
