"""Why somebody sees a case: the path of grants agrees with what they see, whatever was given."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import RoleGrant, User
from accounts.roles import Role
from cases import access, openness
from cases.models import Case, CaseGroupAccess, CaseUserAccess, Recusal, RecusalEnd
from tests.cases.builders import open_match_case
from tests.conftest import person

pytestmark = pytest.mark.django_db

# When a grant ends, in hours from now. None: it has no end.
ENDS = st.sampled_from([None, 1, -1])
ROLES = st.sampled_from(
    [
        (),
        (Role.MODERATOR,),
        (Role.SENIOR_REVIEWER,),
        (Role.SANCTIONS_ANALYST, Role.LEGAL_COUNSEL),
        (Role.MODERATOR, Role.INTAKE_COORDINATOR),
        (Role.INTAKE_COORDINATOR,),
        (Role.AUDITOR,),
        (Role.ADMINISTRATOR,),
    ]
)


def view_permission() -> Permission:
    return Permission.objects.get(content_type__app_label="cases", codename="view_case")


def end(hours: int | None) -> datetime | None:
    return None if hours is None else timezone.now() + timedelta(hours=hours)


@contextmanager
def undone() -> Iterator[None]:
    """Each example starts from the same rows."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("senior")
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    roles=ROLES,
    role_end=ENDS,
    is_active=st.booleans(),
    is_superuser=st.booleans(),
    kind=st.sampled_from([Case.Kind.MATCH, Case.Kind.REPORT]),
    is_restricted=st.booleans(),
    grants=st.lists(ENDS, max_size=2),
    team_grants=st.lists(st.tuples(st.booleans(), ENDS), max_size=2),
    recusals=st.lists(st.booleans(), max_size=2),
)
def test_the_answer_is_what_the_person_sees(
    roles: tuple[Role, ...],
    role_end: int | None,
    is_active: bool,
    is_superuser: bool,
    kind: Case.Kind,
    is_restricted: bool,
    grants: list[int | None],
    team_grants: list[tuple[bool, int | None]],
    recusals: list[bool],
) -> None:
    with undone():
        user = person("Somebody")
        case = Case.objects.create(
            kind=kind,
            is_restricted=is_restricted,
            question="Is it the listed person?",
            opened_because="A signal",
            due_at=timezone.now(),
        )
        for role in roles:
            RoleGrant.objects.create(
                user=user,
                role=role,
                reason="Joins",
                starts_at=timezone.now() - timedelta(hours=2),
                ends_at=end(role_end),
            )
        # The account of an administrator closes only after the role has ended.
        is_active = is_active or Role.ADMINISTRATOR in roles
        User.objects.filter(pk=user.pk).update(is_active=is_active, is_superuser=is_superuser)
        for hours in grants:
            CaseUserAccess.access.create(
                content_object=case, user=user, permission=view_permission(), ends_at=end(hours)
            )
        for place, (is_member, hours) in enumerate(team_grants):
            team = Group.objects.create(name=f"Team {place}")
            if is_member:
                user.groups.add(team)
            CaseGroupAccess.access.create(
                content_object=case, group=team, permission=view_permission(), ends_at=end(hours)
            )
        for has_ended in recusals:
            recusal = Recusal.objects.create(case=case, user=user, reason="A cousin")
            if has_ended:
                by = User.objects.exclude(pk=user.pk).earliest("pk")
                RecusalEnd.objects.create(recusal=recusal, by=by, reason="It is over")
        user = User.objects.get(pk=user.pk)

        answer = openness.why(user=user, case=case)

        assert answer.opens == Case.objects.visible_to(user).filter(pk=case.pk).exists()
        assert answer.opens <= any(reason.opens for reason in answer.reasons)


def asked(client: Client, reader: User, user: User, case: Case) -> str:
    client.force_login(reader)
    query = {"email": user.email, "case": case.label}
    response = client.get(reverse("cases:why"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_names_who_gave_the_grant_and_the_role(
    client: Client, auditor: User, senior: User, moderator: User
) -> None:
    case = open_match_case()
    access.restrict(actor=senior, case=case, reason="A public figure")
    access.grant_access(actor=senior, case=case, to=moderator, reason="Speaks the language")

    html = asked(client, auditor, moderator, case)

    assert "Sees it" in html
    assert "The role moderator" in html
    assert "A grant to this person" in html
    assert "Tola Okafor" in html
    assert "Speaks the language" in html


def test_the_page_says_what_closes_the_case(
    client: Client, administrator: User, moderator: User
) -> None:
    case = open_match_case()
    access.recuse(actor=moderator, case=case, reason="A cousin")

    html = asked(client, administrator, moderator, case)

    assert "Does not see it" in html
    assert "stepped away" in html
    assert "A cousin" not in html


def test_the_page_shows_nothing_of_the_content(
    client: Client, administrator: User, moderator: User
) -> None:
    case = open_match_case()
    html = asked(client, administrator, moderator, case)

    assert case.label in html
    for content in (case.question, case.opened_because, case.profiles.get().handle):
        assert content not in html


def test_the_page_says_that_a_person_or_a_case_is_unknown(client: Client, auditor: User) -> None:
    client.force_login(auditor)
    response = client.get(reverse("cases:why"), {"email": "no@desk.example", "case": "HF-99999999"})
    html = response.content.decode()

    assert "Nobody here has this address." in html
    assert "There is no case with this number." in html


@pytest.mark.parametrize("number", ["0", "HF-999999999999999999", "x", "-1", "HF-", "9" * 19])
def test_the_page_takes_any_number(client: Client, auditor: User, number: str) -> None:
    client.force_login(auditor)
    response = client.get(reverse("cases:why"), {"email": auditor.email, "case": number})

    assert response.status_code == 200
    assert "answer-title" not in response.content.decode()


def test_a_moderator_does_not_ask(client: Client, moderator: User) -> None:
    client.force_login(moderator)

    assert client.get(reverse("cases:why")).status_code == 403
