"""One desk for all tests of a file, in a transaction of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from intake.columns import today
from intake.epochs import make_epoch
from intake.vault import passphrases, roster
from tests.security.sealed_reports import sent
from tests.security.vault import KEYS
from tests.security.world import REPORTS, World, build, undone


@pytest.fixture(autouse=True)
def no_calls_yet() -> Iterator[None]:
    """Calls and attempts are counted in the cache, which outlives a test."""
    cache.clear()
    yield
    cache.clear()


@contextmanager
def quick_locks() -> Iterator[None]:
    """Argon2 is slow on purpose. These tests unlock a key for each request they walk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passphrases, "MEMORY_KIB", 64)
        patch.setattr(passphrases, "PASSES", 1)
        yield


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    """The desk, built once for a file and never committed."""
    public, private = tmp_path_factory.mktemp("public"), tmp_path_factory.mktemp("private")
    make_epoch(number=1, begun_on=today(), public_directory=public, private_directory=private)
    roster.publish(public, [key.as_custodian for key in KEYS])
    around = transaction.atomic()
    # As in Django's own TestCase: a durable block may stand directly inside this one.
    around._from_testcase = True  # type: ignore[attr-defined]  # Django sets it so as well
    with (
        django_db_blocker.unblock(),
        quick_locks(),
        override_settings(
            INTAKE_PUBLIC_KEYS=public,
            INTAKE_PRIVATE_KEYS=private,
            INTAKE_MEDIA=tmp_path_factory.mktemp("files"),
        ),
        sent(len(REPORTS)) as reports,
        around,
    ):
        with connection.cursor() as cursor:
            # Statistics see no uncommitted row. A planner that takes every table to be empty
            # would join them row by row, without an index, for minutes.
            cursor.execute("SET LOCAL enable_seqscan = off")
        yield build(reports)
        transaction.set_rollback(True)


@pytest.fixture
def world(built: World) -> Iterator[World]:
    """The desk as it was built, whatever a test did to it before."""
    with undone():
        yield built
