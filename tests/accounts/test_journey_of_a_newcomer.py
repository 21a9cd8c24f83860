"""In a real browser: invited, a passkey enrolled, a role granted, work done, and the end of it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings

from accounts.models import AccessReview, AuditEvent, User
from accounts.roles import Role
from cases.models import Case
from tests.accounts.oidc_provider import CLIENT_ID, CLIENT_SECRET, running
from tests.accounts.second_factors import code_for, enrol
from tests.cases.builders import open_match_case
from tests.conftest import person

PASSWORD = "a heron over the weir"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


def page_with_authenticator(browser: Browser) -> Page:
    """A browser on a machine that has a fingerprint reader."""
    page = browser.new_context().new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def with_password(page: Page, address: str, email: str, password: str) -> None:
    page.goto(address + reverse("account_login"))
    page.get_by_label("E-mail", exact=True).fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def with_code(page: Page, secret: str) -> None:
    """Enter a code of the app. It counts once, and the tests are quicker than the clock."""
    cache.clear()
    page.get_by_label("Code", exact=True).fill(code_for(secret))
    page.get_by_role("button", name="Sign in with the code").click()


def with_passkey(page: Page, address: str) -> None:
    page.goto(address + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(f"^{address}/(?!accounts/login)"))


def test_the_journey_of_a_newcomer(browser: Browser, address: str) -> None:
    ada = person("Ada Lindqvist", Role.ADMINISTRATOR)
    person("Sanna Ahlgren", Role.ADMINISTRATOR)
    secret = enrol(ada)
    case = open_match_case()

    office = browser.new_context().new_page()
    with_password(office, address, ada.email, "correct horse")
    with_code(office, secret)
    office.goto(address + reverse("accounts:people"))
    office.get_by_label("Name", exact=True).fill("Noor Haddad")
    office.get_by_label("E-mail", exact=True).fill("noor@desk.example")
    office.get_by_role("button", name="Make the link").click()
    link = office.locator(".notice .mono").inner_text()

    page = page_with_authenticator(browser)
    page.goto(link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").first.click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name", exact=True).fill("Work machine")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add this passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator("main li")).to_have_count(10)
    page.context.clear_cookies()
    with_passkey(page, address)
    answer = page.goto(address + reverse("cases:queue"))
    assert answer is not None
    assert answer.status == 403

    office.goto(address + reverse("accounts:propose_grant"))
    office.get_by_label("E-mail of the person").fill("noor@desk.example")
    office.get_by_label("Role", exact=True).select_option(Role.MODERATOR)
    office.get_by_label("Reason").fill("Joins the night shift")
    office.get_by_role("button", name="Grant", exact=True).click()
    expect(office.get_by_text("Noor Haddad is moderator.")).to_be_visible()

    page.goto(address + reverse("cases:queue"))
    page.get_by_role("button", name="Take").first.click()
    expect(page.get_by_role("button", name=f"Release {case.label}")).to_be_visible()
    noor = User.objects.get(email="noor@desk.example")
    assert Case.objects.get(pk=case.pk).lease_holder == noor

    with time_machine.travel(timezone.now() + timedelta(days=91)):
        office.context.clear_cookies()
        with_password(office, address, ada.email, "correct horse")
        with_code(office, secret)
        with_passkey(page, address)
        office.goto(address + reverse("accounts:review"))
        row = office.get_by_role("row").filter(has_text="Noor Haddad")
        row.get_by_label("Reason").fill("Left the night shift")
        row.get_by_role("button", name="End").click()
        expect(office.get_by_text("The review is on record.")).to_be_visible()
        answer = page.goto(address + reverse("cases:queue"))
        assert answer is not None
        assert answer.status == 403
    review = noor.role_grants.get().reviews.get()
    assert (review.outcome, review.reviewed_by) == (AccessReview.Outcome.END, ada)


def test_a_sign_in_at_the_provider_and_a_code_here(
    browser: Browser, address: str, settings: Settings
) -> None:
    mira = person("Mira Holt", Role.MODERATOR)
    secret = enrol(mira)
    page = browser.new_context().new_page()
    with running() as provider:
        settings.OIDC_SERVER_URL = provider.url
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        settings.OIDC_NAME = "Example Org"
        provider.sign_in_as("mira-1", mira.email)
        page.goto(f"{address}{reverse('account_login')}?next={reverse('cases:queue')}")
        page.get_by_role("button", name="Sign in with Example Org").click()
        expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
        with_code(page, secret)
        page.wait_for_url(address + reverse("cases:queue"))
    assert AuditEvent.objects.get(verb="sign_in").changes == {"by": ["socialaccount", "mfa"]}
