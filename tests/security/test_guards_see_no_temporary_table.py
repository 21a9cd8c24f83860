"""The guards of the database read our tables, whatever a session laid over them."""

import psycopg
import pytest
from django.db import connection

from accounts.models import User
from platforms.models import Profile
from tests.cases.builders import held_profile
from tests.intake.zone import url_of

RESTORE = """
    INSERT INTO public.platforms_enforcement (profile_id, action, territory, state, cause,
        reference, idempotency_key, created_at, next_attempt_at, attempts, platform_reply, problem)
    VALUES (%s, 'restore', '', 'approved', 'decision', 'by hand', gen_random_uuid(),
        now(), now(), 0, '{}', '')
"""


@pytest.mark.django_db
def test_every_function_of_ours_names_where_it_looks() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND NOT coalesce(proconfig, '{}') @> '{\"search_path=public, pg_temp\"}'"
        )
        assert cursor.fetchall() == []


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_empty_table_of_holds_restores_nothing(moderator: User) -> None:
    """Shown to fail by resetting the search path of `platforms_enforcement_guard`."""
    profile: Profile = held_profile(moderator)
    with psycopg.connect(url_of("desk")) as connected:
        connected.execute("CREATE TEMPORARY TABLE platforms_hold (LIKE public.platforms_hold)")
        with pytest.raises(psycopg.Error) as refusal:
            connected.execute(RESTORE, [profile.pk])
    assert refusal.value.sqlstate == "HF001"
