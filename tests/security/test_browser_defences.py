"""What a browser is told to do and not to do, on every page and every error page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, reverse
from django.utils import timezone

from accounts.models import DeskSession
from accounts.roles import Role
from cases import departures
from cases.models import Case
from config.urls import urlpatterns as every_address
from tests.conftest import person, sign_in
from tests.security.matrix import GET, ROWS, Row
from tests.security.walking import ask, prepare, send, who_passes
from tests.security.world import Kind, World, undone

PAGES = [row for row in ROWS if row.method == GET]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "https:evil.example",
    "javascript:alert(1)",
]
SECRET = "the-password-of-the-database"


def boom(request: HttpRequest) -> HttpResponse:
    secret = SECRET
    raise RuntimeError(secret)


def forbid(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Not this one.")


urlpatterns = [path("boom/", boom), path("forbid/", forbid), *every_address]


def assert_defended(answer: Any) -> None:
    policy = answer.headers["Content-Security-Policy"]
    # The order of the directives is the library's, and differs from run to run.
    directives = {each.strip() for each in policy.split(";")}
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= directives
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_every_page_is_defended(world: World, row: Row) -> None:
    for who in (who_passes(world, row), None):
        with undone():
            assert_defended(ask(world, row, who))


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_no_page_has_a_script_or_a_style_in_its_lines(world: World, row: Row) -> None:
    answer = ask(world, row, who_passes(world, row))
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    html = answer.content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert " onclick=" not in html
    assert "javascript:" not in html
    assert html.count("<script") == html.count("<script src=") + html.count("<script type=")


@pytest.fixture
def failing_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.usefixtures("failing_addresses")
@pytest.mark.parametrize(
    ("address", "status", "heading"),
    [
        ("/queue/?after=not-a-cursor", 400, "This request was not understood"),
        ("/forbid/", 403, "This is refused"),
        ("/nowhere/", 404, "There is nothing at this address"),
        ("/boom/", 500, "Something failed on our side"),
    ],
)
def test_an_error_page_is_ours_and_tells_nothing(
    world: World, address: str, status: int, heading: str
) -> None:
    for who in (Role.MODERATOR, None):
        if who is None and status == 400:
            continue  # a visitor is sent to sign in first
        client = world.browser(who, raise_request_exception=False)
        answer = client.get(address)
        html = answer.content.decode()
        assert answer.status_code == status
        assert f"<h1>{heading}</h1>" in html
        assert "holdfast.css" in html or "base.css" in html
        assert SECRET not in html
        assert "Traceback" not in html
        assert "RuntimeError" not in html
        assert_defended(answer)


@pytest.mark.usefixtures("failing_addresses")
def test_an_error_of_the_api_tells_nothing(world: World) -> None:
    answer = world.browser(None).get("/api/v1/nowhere/")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert_defended(answer)


def test_a_refusal_and_a_conflict_are_pages_of_ours(world: World) -> None:
    refused = world.browser(Role.AUDITOR).get(reverse("cases:queue"))
    row = next(row for row in ROWS if row.name == "cases:propose_decision")
    address, body = prepare(world, row, Role.MODERATOR)
    stale = send(world.browser(Role.MODERATOR), "POST", address, {**body, "based_on": 0})
    for answer, status in ((refused, 403), (stale, 409)):
        assert answer.status_code == status
        assert b"<h1" in answer.content
        assert_defended(answer)


def test_another_host_is_refused_and_not_repeated(world: World) -> None:
    answer = world.browser(None).get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert b"evil.example" not in answer.content


def test_a_forwarded_host_ends_up_in_no_link(world: World) -> None:
    answer = world.browser(Role.ADMINISTRATOR).post(
        reverse("accounts:people"),
        {"name": "Somebody", "email": "somebody@desk.example"},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert b"http://testserver/accounts/invitations/" in answer.content
    assert b"evil.example" not in answer.content


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_lease_leads_back_to_no_other_site(world: World, elsewhere: str) -> None:
    address = reverse("cases:take_lease", args=[world.cases[Kind.OPEN].pk])
    answer = world.browser(Role.MODERATOR).post(address, {"next": elsewhere})
    assert answer.headers["Location"] == reverse("cases:queue")


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
@pytest.mark.parametrize("name", ["account_login", "account_reauthenticate", "account_logout"])
def test_signing_in_and_out_leads_to_no_other_site(world: World, name: str, elsewhere: str) -> None:
    user = person("A newcomer", Role.MODERATOR)
    client = Client()
    if name != "account_login":
        sign_in(client, user)
    answer = client.post(
        f"{reverse(name)}?next={elsewhere}",
        {"login": user.email, "password": "correct horse", "next": elsewhere},
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] in ("/", reverse("account_login"))


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_a_confirmation_leads_back_to_no_other_site(world: World, elsewhere: str) -> None:
    """The page to come back to is read from a header, which another site may have set."""
    client = world.browser(Role.INTAKE_COORDINATOR)
    session = client.session
    session["account_authentication_methods"] = []
    session.save()
    address = reverse("intake:read", args=[world.reports["held"].pk])
    for headers in ({"Referer": elsewhere}, {"HX-Current-URL": elsewhere, "HX-Request": "true"}):
        answer = client.post(address, headers=headers)
        assert "evil" not in answer.headers.get("Location", "") + answer.content.decode()


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_an_ended_session_leads_back_to_no_other_site(world: World, elsewhere: str) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": elsewhere}
    answer = world.browser(None).get(reverse("cases:queue"), headers=headers)
    assert answer.headers["HX-Redirect"] == f"{reverse('account_login')}?next=/"


def test_no_script_reads_a_cookie_and_no_other_site_sends_one_along(world: World) -> None:
    client = Client()
    sign_in(client, person("A newcomer", Role.MODERATOR))
    client.get(reverse("account_login"))
    client.get(reverse("accounts:me"))
    client.post(reverse("cases:take_lease", args=[world.cases[Kind.OPEN].pk]))
    assert {"sessionid", "csrftoken", "messages"} <= client.cookies.keys()
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"


def test_a_sign_in_gives_the_session_a_new_key(world: World) -> None:
    client = Client()
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    sign_in(client, world.reviewer)
    assert client.session.session_key != planted
    assert not DeskSession.objects.filter(session_key=planted).exists()


def test_a_closed_account_is_out_at_the_next_request(world: World) -> None:
    client = world.browser(Role.MODERATOR)
    case = world.cases[Kind.OPEN]
    client.post(reverse("cases:take_lease", args=[case.pk]))
    departures.deactivate(
        actor=world.administrator, user=world.cast[Role.MODERATOR], reason="Left the desk"
    )
    answer = client.get(reverse("cases:queue"))
    assert answer.headers["Location"].startswith(reverse("account_login"))
    assert not DeskSession.objects.filter(user=world.cast[Role.MODERATOR]).exists()
    assert not Case.objects.get(pk=case.pk).lease_in_force(timezone.now())


def test_a_role_that_ended_is_off_at_the_next_request(world: World) -> None:
    client = world.browser(Role.MODERATOR)
    assert client.get(reverse("cases:queue")).status_code == 200
    world.cast[Role.MODERATOR].role_grants.update(ends_at=timezone.now())
    assert client.get(reverse("cases:queue")).status_code == 403
