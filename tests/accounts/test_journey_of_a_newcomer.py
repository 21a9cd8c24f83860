"""In a real browser: invited, a passkey enrolled, a role granted, reviewed, and ended."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts import grants, people
from accounts.models import AccessReview, RoleGrant, User
from accounts.roles import Role
from tests.browsers import chromium
from tests.conftest import person

PASSWORD = "a heron over the weir"

pytestmark = [
    pytest.mark.journey,
    pytest.mark.django_db(transaction=True, databases=["default", "owner"]),
]


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    # Playwright runs an event loop in this thread, where Django would refuse its ORM.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with chromium() as started:
        yield started
        # The loop has connections of its own, which nobody else would close.
        connections.close_all()


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """The desk as production runs it. pytest-django's server would outlive the test database."""
    settings.HOLDFAST_REQUIRE_SECOND_FACTOR = True
    server = LiveServer("localhost")
    yield server.url
    server.stop()


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


def test_the_journey_of_a_newcomer(browser: Browser, address: str) -> None:
    ada, sanna = (person(name, Role.ADMINISTRATOR) for name in ("Ada Lindqvist", "Sanna Ahlgren"))
    _, token = people.invite(actor=ada, email="noor@desk.example", name="Noor Haddad")
    page = page_with_authenticator(browser)

    page.goto(address + reverse("accounts:accept_invitation", args=[token]))
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Open the account").click()
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()

    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name", exact=True).fill("Work machine")
    page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add this passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator("main li")).to_have_count(10)

    noor = User.objects.get(email="noor@desk.example")
    proposal = grants.propose(actor=ada, user=noor, role=Role.ADMINISTRATOR, reason="Third one")
    grants.approve(actor=sanna, proposal=proposal)

    page.context.clear_cookies()
    page.goto(address + reverse("account_login"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(f"^{address}/(?!accounts/login)"))
    page.goto(address + reverse("accounts:propose_grant"))
    expect(page.get_by_role("heading", name="Grant a role")).to_be_visible()

    old = RoleGrant.objects.create(
        user=person("Jonas Amsel"),
        role=Role.MODERATOR,
        reason="Long ago",
        starts_at=timezone.now() - timedelta(days=120),
    )
    page.goto(address + reverse("accounts:review"))
    page.get_by_label("Reason").fill("Left the team in October")
    page.get_by_role("button", name="End").click()
    expect(page.get_by_text("The review is on record.")).to_be_visible()
    assert old.reviews.get().outcome == AccessReview.Outcome.END
    assert User.objects.get(name="Jonas Amsel").roles == set()

    grants.end(actor=ada, grant=noor.role_grants.get(), reason="Was a trial")
    answer = page.goto(address + reverse("accounts:roles"))
    assert answer is not None
    assert answer.status == 403
