"""The cast: a small set of people, each with a word on what they may see and do."""

from collections.abc import Iterator

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import setup_databases, teardown_databases
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts.models import RoleGrant, User
from accounts.roles import Role


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
    django_db_keepdb: bool,
) -> Iterator[None]:
    """Create the test database for every alias.

    pytest-django sets up only the aliases that tests name. `default` mirrors `owner`, so a run
    that names `default` alone would quietly work on the real database.
    """
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False, keepdb=django_db_keepdb)
    yield
    with django_db_blocker.unblock():
        connections.close_all()
        teardown_databases(databases, verbosity=0)


def person(name: str, *roles: Role) -> User:
    """Create somebody who works here, with roles already in force."""
    user = User.objects.create_user(
        email=f"{name.lower().replace(' ', '.')}@desk.example", name=name, password="correct horse"
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=role, reason="Part of the cast") for role in roles
    )
    return user


def sign_in(client: Client, user: User) -> None:
    """Sign in by the form, which also counts as a fresh confirmation for 15 minutes."""
    client.logout()
    client.post(reverse("account_login"), {"login": user.email, "password": "correct horse"})
    assert "_auth_user_id" in client.session


@pytest.fixture
def moderator(db: None) -> User:
    """Works cases and proposes. Sees every case that is not restricted."""
    return person("Mira Holt", Role.MODERATOR)


@pytest.fixture
def other_moderator(db: None) -> User:
    """As the moderator: for whatever one reviewer may not do to another's case."""
    return person("Jonas Amsel", Role.MODERATOR)


@pytest.fixture
def senior(db: None) -> User:
    """Works cases, proposes, and approves what others proposed."""
    return person("Tola Okafor", Role.SENIOR_REVIEWER)


@pytest.fixture
def analyst(db: None) -> User:
    """Looks after lists and matches."""
    return person("Ines Duarte", Role.SANCTIONS_ANALYST)


@pytest.fixture
def counsel(db: None) -> User:
    """Approves releases and keeps the policy table."""
    return person("Anna Brandt", Role.LEGAL_COUNSEL)


@pytest.fixture
def auditor(db: None) -> User:
    """Reads the record. Writes nothing and opens no case."""
    return person("Piet Vos", Role.AUDITOR)


@pytest.fixture
def administrator(db: None) -> User:
    """Hands out power. Opens no case content."""
    return person("Ada Lindqvist", Role.ADMINISTRATOR)


@pytest.fixture
def stranger(db: None) -> User:
    """Can sign in and has no role."""
    return person("Nobody Yet")
