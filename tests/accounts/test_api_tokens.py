"""API tokens: hashed, scoped, with an end, and never more than their owner may do."""

import json
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts import tokens
from accounts.actors import COMMAND_LINE
from accounts.api.authentication import TokenAuthentication
from accounts.models import ApiToken, AuditEvent, User
from accounts.refusals import NotAllowed
from accounts.tokens import TokenRefused


def made(user: User, *scopes: str, days: int = 30) -> tuple[ApiToken, str]:
    return tokens.create(
        actor=user, user=user, name="export", scopes=scopes or ["cases.view_case"], days=days
    )


def call_with(header: str) -> tuple[User, ApiToken] | None:
    request = APIRequestFactory().get("/", headers={"Authorization": header} if header else {})
    return TokenAuthentication().authenticate(Request(request))


def test_it_keeps_a_hash_and_a_prefix_and_never_the_secret(moderator: User) -> None:
    token, secret = made(moderator)
    assert secret.startswith(token.prefix)
    assert len(token.prefix) < len(secret) / 3
    assert secret not in json.dumps(list(ApiToken.objects.values()), default=str)
    assert secret not in json.dumps(list(AuditEvent.objects.values()), default=str)


def test_it_opens_the_api_with_its_scopes_alone(moderator: User) -> None:
    assert moderator.has_perm("cases.propose_decision")
    _, secret = made(moderator, "cases.view_case")
    found = call_with(f"Bearer {secret}")
    assert found is not None
    assert found[0] == moderator
    assert found[0].desk_permissions == {"cases.view_case"}


def test_it_opens_no_more_than_its_owners_roles(moderator: User) -> None:
    _, secret = made(moderator, "cases.view_case")
    moderator.role_grants.update(ends_at=timezone.now())
    found = call_with(f"Bearer {secret}")
    assert found is not None
    assert found[0].desk_permissions == frozenset()


@pytest.mark.parametrize("header", ["Bearer", "Bearer hf_wrong", "Bearer hf wrong", "Bearer hf_é"])
def test_it_refuses_what_is_no_token(db: None, header: str) -> None:
    with pytest.raises(AuthenticationFailed):
        call_with(header)


@pytest.mark.parametrize("header", ["", "Basic YTpi"])
def test_it_leaves_other_ways_in_alone(db: None, header: str) -> None:
    assert call_with(header) is None


def test_it_ends(moderator: User) -> None:
    _, secret = made(moderator, days=2)
    with time_machine.travel(timezone.now() + timedelta(days=2, seconds=1), tick=False):
        assert tokens.authenticate(secret) is None


def test_it_ends_with_the_account(moderator: User) -> None:
    _, secret = made(moderator)
    User.objects.filter(pk=moderator.pk).update(is_active=False)
    assert tokens.authenticate(secret) is None


def test_its_owner_revokes_it(moderator: User) -> None:
    token, secret = made(moderator)
    tokens.revoke(actor=moderator, token=token)
    tokens.revoke(actor=moderator, token=token)
    assert tokens.authenticate(secret) is None
    assert AuditEvent.objects.filter(verb="revoke_token").count() == 1


def test_an_administrator_revokes_anybodys(moderator: User, administrator: User) -> None:
    token, secret = made(moderator)
    tokens.revoke(actor=administrator, token=token)
    assert tokens.authenticate(secret) is None


def test_a_colleague_revokes_nobody_elses(moderator: User, senior: User) -> None:
    token, _ = made(moderator)
    with pytest.raises(NotAllowed):
        tokens.revoke(actor=senior, token=token)


def test_nobody_makes_a_token_for_another_person(moderator: User, administrator: User) -> None:
    with pytest.raises(NotAllowed):
        tokens.create(
            actor=administrator, user=moderator, name="x", scopes=["cases.view_case"], days=1
        )


@pytest.mark.parametrize(
    ("scopes", "days"),
    [
        ([], 1),
        (["cases.approve_decision"], 1),
        (["cases.no_such_thing"], 1),
        (["cases.view_case"], 0),
        (["cases.view_case"], 367),
    ],
)
def test_it_refuses_a_token_that_would_open_too_much(
    moderator: User, scopes: list[str], days: int
) -> None:
    with pytest.raises(TokenRefused):
        tokens.create(actor=COMMAND_LINE, user=moderator, name="x", scopes=scopes, days=days)
    assert not ApiToken.objects.exists()


def test_the_command_prints_one_json_object(moderator: User) -> None:
    out = StringIO()
    call_command(
        "create_token", moderator.email, "--scope", "cases.view_case", "--json", stdout=out
    )
    facts = json.loads(out.getvalue())
    found = tokens.authenticate(facts["token"])
    assert found is not None
    assert found.scopes == facts["scopes"] == ["cases.view_case"]


def test_the_command_says_what_is_wrong(moderator: User) -> None:
    with pytest.raises(CommandError, match="does not have"):
        call_command("create_token", moderator.email, "--scope", "cases.approve_decision")
    with pytest.raises(CommandError, match="Nobody here"):
        call_command("create_token", "no.one@desk.example", "--scope", "cases.view_case")
