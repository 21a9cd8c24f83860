"""Every address of this room for every role: who gets in, and what stays outside."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit, grants, people, record, resets, sealing, sessions, teams, tokens
from accounts.actors import SEEDER
from accounts.matrix import GROUPS
from accounts.models import AuditEvent, GrantProposal, RoleGrant, User
from accounts.record import Filters
from accounts.roles import ALL_PERMISSIONS, Role
from accounts.urls import desk_patterns
from tests.accounts.second_factors import enrol
from tests.conftest import person, sign_in

EVERYBODY = set(Role) | {None}
ADMIN = {Role.ADMINISTRATOR}
SEES_ROLES = {Role.ADMINISTRATOR, Role.AUDITOR}
AUDIT = {Role.AUDITOR}

# Each address, how it is asked, and who gets in. A new address without a row fails the test.
DOORS: dict[str, tuple[str, set[Role | None]]] = {
    "me": ("get", EVERYBODY),
    "end_session": ("post", EVERYBODY),
    "create_token": ("get", EVERYBODY),
    "roles": ("get", SEES_ROLES),
    "roles_record": ("get", SEES_ROLES),
    "review": ("get", SEES_ROLES),
    "propose_grant": ("get", ADMIN),
    "approve_grant": ("post", ADMIN),
    "refuse_grant": ("get", ADMIN),
    "withdraw_grant": ("post", ADMIN),
    "end_grant": ("get", ADMIN),
    "people": ("get", ADMIN),
    "close_account": ("get", ADMIN),
    "end_sessions": ("post", ADMIN),
    "revoke_invitation": ("post", ADMIN),
    "ask_reset": ("get", ADMIN),
    "approve_reset": ("post", ADMIN),
    "refuse_reset": ("get", ADMIN),
    "withdraw_reset": ("post", ADMIN),
    "teams": ("get", ADMIN),
    "add_team_member": ("get", ADMIN),
    "record": ("get", AUDIT),
    "export_record": ("get", AUDIT),
}
# Each has a test of its own: a token is one's own or not there, a link needs no sign-in, and who
# is taken out of a team has to be in it.
ELSEWHERE = {"revoke_token", "accept_invitation", "enrol_anew", "remove_team_member"}


def address(name: str, pk: int) -> str:
    pattern = next(pattern for pattern in desk_patterns if pattern.name == name)
    takes_pk = "pk" in pattern.pattern.converters
    return reverse(f"accounts:{name}", kwargs={"pk": pk} if takes_pk else {})


def test_every_address_has_a_row() -> None:
    assert {pattern.name for pattern in desk_patterns} == set(DOORS) | ELSEWHERE


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_gets_in_where_it_may_and_nowhere_else(
    client: Client, administrator: User, role: Role | None
) -> None:
    visitor = person("Visitor", *([role] if role else []))
    sign_in(client, visitor)
    subject = person("Subject", Role.MODERATOR)
    proposal = grants.propose(actor=administrator, user=subject, role=Role.CUSTODIAN, reason="x")
    invitation, _ = people.invite(actor=administrator, email="new@desk.example", name="New")
    enrol(subject)
    reset = resets.ask(actor=administrator, user=subject, reason="Lost the key")
    targets = {
        **dict.fromkeys(("approve_reset", "refuse_reset", "withdraw_reset"), reset.pk),
        "approve_grant": proposal.pk,
        "refuse_grant": proposal.pk,
        "withdraw_grant": proposal.pk,
        "end_grant": subject.role_grants.get().pk,
        "revoke_invitation": invitation.pk,
        "add_team_member": teams.create(actor=administrator, name="Elections").pk,
    }
    for name, (method, allowed) in DOORS.items():
        answer = getattr(client, method)(address(name, targets.get(name, subject.pk)))
        if name in ("withdraw_grant", "withdraw_reset") and role in allowed:
            assert answer.status_code == 403, "only who asked withdraws"
        elif role in allowed:
            assert answer.status_code in (200, 302), (name, answer.status_code)
        else:
            assert answer.status_code == 403, (name, answer.status_code)


@pytest.mark.parametrize("name", sorted(DOORS))
def test_a_visitor_is_sent_to_sign_in(client: Client, db: None, name: str) -> None:
    answer = getattr(client, DOORS[name][0])(address(name, 1))
    assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", [name for name, (method, _) in DOORS.items() if method == "post"])
def test_what_changes_something_rejects_get_and_needs_its_token(
    administrator: User, name: str
) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(administrator)
    assert strict.get(address(name, 1)).status_code == 405
    assert strict.post(address(name, 1)).status_code == 403
    assert not AuditEvent.objects.filter(verb="refused").exists()


def test_somebody_elses_token_is_not_there(client: Client, moderator: User, senior: User) -> None:
    token, _ = tokens.create(
        actor=senior, user=senior, name="x", scopes=["cases.view_case"], days=1
    )
    client.force_login(moderator)
    assert client.post(reverse("accounts:revoke_token", args=[token.pk])).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


def test_a_form_gives_nobody_what_it_does_not_ask(
    client: Client, administrator: User, stranger: User
) -> None:
    """Mass assignment: fields that the form does not have change nothing."""
    sign_in(client, administrator)
    client.post(
        reverse("accounts:propose_grant"),
        {
            "email": stranger.email,
            "role": Role.CUSTODIAN,
            "reason": "x",
            "state": "approved",
            "approved_by": administrator.pk,
            "proposed_by": stranger.pk,
            "is_superuser": "on",
        },
    )
    proposal = GrantProposal.objects.get()
    assert (proposal.state, proposal.proposed_by) == ("pending", administrator)
    assert not User.objects.get(pk=stranger.pk).is_superuser


def test_two_administrators_grant_a_role_through_the_pages(
    client: Client, administrator: User, stranger: User
) -> None:
    other = person("Sanna Ahlgren", Role.ADMINISTRATOR)
    sign_in(client, administrator)
    facts = {"email": stranger.email, "role": Role.SENIOR_REVIEWER, "reason": "Late shift"}
    client.post(reverse("accounts:propose_grant"), facts)
    approve = reverse("accounts:approve_grant", args=[GrantProposal.objects.get().pk])
    assert b"Someone else must agree" in client.get(reverse("accounts:roles")).content
    assert client.post(approve).status_code == 403
    second = Client()
    sign_in(second, other)
    second.post(approve)
    assert User.objects.get(pk=stranger.pk).roles == {Role.SENIOR_REVIEWER}


def test_a_forbidden_combination_is_explained_in_the_form(
    client: Client, administrator: User, moderator: User
) -> None:
    sign_in(client, administrator)
    facts = {"email": moderator.email, "role": Role.ADMINISTRATOR, "reason": "x"}
    answer = client.post(reverse("accounts:propose_grant"), facts)
    assert answer.status_code == 422
    assert "opens no cases" in answer.content.decode()
    assert AuditEvent.objects.get(verb="refused").changes["rule"] == "roles_forbidden_together"


REFUSED_FORMS: list[tuple[str, dict[str, str]]] = [
    ("people", {"name": "Piet Vos", "email": "ada.lindqvist@desk.example"}),
    ("people", {"name": "Piet Vos", "email": "no address"}),
    ("create_token", {"name": "nightly export", "days": "400"}),
    ("propose_grant", {"email": "no.one@desk.example", "role": "moderator", "reason": "Late"}),
    ("propose_grant", {"email": "closed@desk.example", "role": "moderator", "reason": "Late"}),
    (
        "propose_grant",
        {
            "email": "nobody.yet@desk.example",
            "role": "auditor",
            "reason": "Late",
            "ends_on": "2020-01-31",
        },
    ),
    ("teams", {"name": " "}),
    ("end_grant", {"reason": " "}),
    ("end_grant", {"reason": "She asked for it"}),
    ("close_account", {"reason": ""}),
    ("refuse_grant", {"reason": ""}),
    ("add_team_member", {"email": "no.one@desk.example", "reason": "Knows it"}),
    ("review", {"grant": "1", "outcome": "maybe", "reason": "Still needed"}),
]


@pytest.mark.parametrize(("name", "sent"), REFUSED_FORMS)
def test_a_refused_form_answers_422_and_keeps_what_was_typed(
    client: Client, administrator: User, stranger: User, name: str, sent: dict[str, str]
) -> None:
    """The grant to end is the last administrator's but one, which stays."""
    proposal = grants.propose(actor=administrator, user=stranger, role=Role.CUSTODIAN, reason="x")
    old = RoleGrant.objects.create(
        user=stranger,
        role=Role.MODERATOR,
        reason="x",
        starts_at=timezone.now() - timedelta(days=91),
    )
    targets = {
        "end_grant": administrator.role_grants.get().pk,
        "refuse_grant": proposal.pk,
        "add_team_member": teams.create(actor=administrator, name="Elections").pk,
        "close_account": stranger.pk,
    }
    User.objects.create_user(email="closed@desk.example", name="Closed")
    User.objects.filter(email="closed@desk.example").update(is_active=False)
    sign_in(client, administrator)
    sent = {**sent, "grant": str(old.pk)} if name == "review" else sent
    answer = client.post(address(name, targets.get(name, 0)), sent)
    assert answer.status_code == 422
    html = answer.content.decode()
    for field, typed in sent.items():
        assert field in ("grant", "outcome", "role") or typed.strip() in html


def test_superuser_opens_nothing(client: Client, stranger: User) -> None:
    User.objects.filter(pk=stranger.pk).update(is_superuser=True)
    client.force_login(stranger)
    assert client.get(reverse("accounts:record")).status_code == 403
    superuser = User.objects.get(pk=stranger.pk)
    assert not any(superuser.has_perm(permission) for permission in ALL_PERMISSIONS)


def test_the_matrix_has_a_line_for_every_permission() -> None:
    lines = [line.permission for _, group in GROUPS for line in group]
    assert len(lines) == len(set(lines))
    assert set(lines) == ALL_PERMISSIONS


@pytest.mark.parametrize("page", ["roles", "people", "record"])
def test_a_page_costs_the_same_for_one_row_and_for_many(
    client: Client, db: None, page: str
) -> None:
    administrator = person("Ada Lindqvist", Role.ADMINISTRATOR)
    reader = person("Piet Vos", Role.AUDITOR) if page == "record" else administrator
    sign_in(client, reader)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"accounts:{page}")).status_code == 200
        return len(captured)

    few = queries()
    for n in range(12):
        member = person(f"Member {n}", Role.MODERATOR)
        enrol(member)
        resets.ask(actor=administrator, user=member, reason="Lost the key")
        grants.propose(actor=administrator, user=member, role=Role.CUSTODIAN, reason="x")
        people.invite(actor=administrator, email=f"new{n}@desk.example", name="New")
    sealing.seal()
    assert queries() == few


def grow_record(actor: User, events: int) -> None:
    AuditEvent.objects.bulk_create(
        audit.event(actor=actor, verb="look" if n % 2 else "act", target=actor, changes={"n": n})
        for n in range(events)
    )


def test_the_record_pages_both_ways_without_a_gap(auditor: User) -> None:
    grow_record(auditor, 250)
    seen: list[int] = []
    page = record.page(Filters())
    while True:
        seen += [event.pk for event in page.events]
        if page.older is None:
            break
        page = record.page(Filters(), before=page.older)
    assert seen == sorted(AuditEvent.objects.values_list("pk", flat=True), reverse=True)
    back = record.page(Filters(), after=page.newer)
    assert [event.pk for event in back.events] == seen[100:200]
    assert record.page(Filters(), after=back.newer).newer is None


def test_the_record_filters(auditor: User, moderator: User) -> None:
    grow_record(auditor, 4)
    audit.record(actor=moderator, verb="look", target=auditor)
    audit.record(actor=SEEDER, verb="sow", target=auditor)
    today = timezone.now().date()
    found = {
        "person": record.page(Filters(person=moderator.email.upper())),
        "service": record.page(Filters(person=SEEDER.name)),
        "verb": record.page(Filters(verb="look")),
        "about": record.page(Filters(about=f"user:{moderator.pk}")),
        "today": record.page(Filters(first_day=today, last_day=today)),
        "tomorrow": record.page(Filters(first_day=today + timedelta(days=1))),
    }
    assert {name: len(page.events) for name, page in found.items()} == {
        "person": 1,
        "service": 1,
        "verb": 3,
        "about": 0,
        "today": 6,
        "tomorrow": 0,
    }


@pytest.mark.parametrize("query", ["before=x", "before=-1", "after=9" + "9" * 30, "first_day=no"])
def test_a_strange_address_still_shows_the_record(
    client: Client, auditor: User, query: str
) -> None:
    client.force_login(auditor)
    assert client.get(f"{reverse('accounts:record')}?{query}").status_code == 200


def test_an_export_holds_every_event_and_is_one_itself(client: Client, auditor: User) -> None:
    grow_record(auditor, 3)
    client.force_login(auditor)
    answer = client.get(reverse("accounts:export_record"), {"verb": "look"})
    lines = [json.loads(line) for line in answer.getvalue().decode().splitlines()]
    assert [line["verb"] for line in lines] == ["look"]
    assert AuditEvent.objects.get(verb="export_record").changes == {"filters": {"verb": "look"}}


def test_the_record_of_roles_leaves_an_event_when_it_is_taken_out(
    client: Client, auditor: User
) -> None:
    client.force_login(auditor)
    client.get(reverse("accounts:roles_record"))
    assert AuditEvent.objects.get(verb="export_roles").actor_user == auditor


def test_no_spreadsheet_runs_what_a_reason_says(client: Client, auditor: User) -> None:
    audit.record(actor=auditor, verb="look", target=auditor, reason="=HYPERLINK(1)")
    RoleGrant.objects.create(user=person("@sum"), role=Role.MODERATOR, reason="+1")
    client.force_login(auditor)
    rows = client.get(reverse("accounts:export_record"), {"format": "csv"}).getvalue().decode()
    assert "'=HYPERLINK(1)" in rows
    roles = client.get(reverse("accounts:roles_record")).getvalue().decode()
    assert "'@sum" in roles
    assert "'+1" in roles


def test_one_session_is_ended_from_the_page(client: Client, moderator: User) -> None:
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in(browser, moderator)
    key = elsewhere.session.session_key
    (other,) = [s for s in sessions.of(moderator) if s.session_key == key]
    page = client.get(reverse("accounts:me"))
    assert str(key) not in page.content.decode()
    client.post(reverse("accounts:end_session"), {"session": sessions.reference(other)})
    assert "_auth_user_id" not in elsewhere.session
    assert "_auth_user_id" in client.session
