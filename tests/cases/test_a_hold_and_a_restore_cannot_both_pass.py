"""Rule 2: the guards hold between two connections, and against plain SQL."""

import threading
from collections.abc import Callable

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from accounts.actors import PIPELINE
from accounts.models import User
from cases import decisions, opening
from cases.models import Case, Decision, HoldBasis
from platforms.models import Enforcement, Hold, Profile
from platforms.refusals import RestoreRefused
from tests.cases.builders import (
    approve,
    delist,
    held_profile,
    make_designation,
    make_profile,
    open_match_case,
    policy,
    propose,
    suspend,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

INSERT_RESTORE = """
    INSERT INTO platforms_enforcement (profile_id, action, territory, state, cause, reference,
        idempotency_key, created_at, next_attempt_at, attempts, platform_reply, problem)
    VALUES (%s, 'restore', '', 'approved', 'decision', 'by hand', gen_random_uuid(),
        now(), now(), 0, '{}', '')
"""


def sqlstate_of(error: DatabaseError) -> str | None:
    assert isinstance(error.__cause__, psycopg.Error)
    return error.__cause__.sqlstate


def in_thread(work: Callable[[], None]) -> threading.Thread:
    """Run on a connection of its own."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_restore_by_sql_is_refused_and_names_the_hold(moderator: User) -> None:
    profile = held_profile(moderator)

    with pytest.raises(DatabaseError) as refusal, connection.cursor() as cursor:
        cursor.execute(INSERT_RESTORE, [profile.pk])

    assert sqlstate_of(refusal.value) == "HF001"
    assert profile.holds.get().title in str(refusal.value)


def test_a_restore_without_a_decision_is_refused_at_commit() -> None:
    profile = make_profile()

    with (
        pytest.raises(DatabaseError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(INSERT_RESTORE, [profile.pk])

    assert sqlstate_of(refusal.value) == "HF006"
    assert not Enforcement.objects.filter(action="restore").exists()


def test_a_hold_without_a_decision_is_refused_at_commit(moderator: User) -> None:
    profile = make_profile()

    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        Hold.objects.create(
            profile=profile,
            kind=Hold.Kind.POLICY,
            source="x",
            entry_key="1",
            title="By hand",
            placed_by=moderator,
        )

    assert sqlstate_of(refusal.value) == "HF006"


def test_a_hold_cannot_be_lifted_by_sql(moderator: User) -> None:
    hold = held_profile(moderator).holds.get()

    with pytest.raises(DatabaseError) as refusal, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE platforms_hold SET released_at = now(), released_by_id = %s WHERE id = %s",
            [moderator.pk, hold.pk],
        )

    assert sqlstate_of(refusal.value) == "HF006"


def test_a_hold_cannot_be_deleted_or_rewritten_by_sql(moderator: User) -> None:
    hold = held_profile(moderator).holds.get()

    for statement in (
        "DELETE FROM platforms_hold WHERE id = %s",
        "UPDATE platforms_hold SET effect = 'label' WHERE id = %s",
        "UPDATE platforms_hold SET entry_key = 'other' WHERE id = %s",
    ):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement, [hold.pk])

    hold.refresh_from_db()
    assert (hold.effect, hold.stands) == ("suspend", True)


def test_the_application_does_not_own_the_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("desk",)
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE platforms_hold DISABLE TRIGGER ALL")


def test_the_audit_trail_takes_inserts_only(moderator: User) -> None:
    held_profile(moderator)

    for statement in (
        "UPDATE accounts_auditevent SET reason = 'none'",
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent CASCADE",
    ):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_restore_waits_for_a_hold_that_is_being_placed_and_is_then_refused(
    moderator: User, senior: User
) -> None:
    """Connection one has written a hold and not committed; connection two wants a restore."""
    profile, restore_case = profile_ready_to_be_restored(moderator, senior)
    second_case = open_match_case(profile, make_designation("DODIK, Milorad"))
    decision = propose(
        moderator, restore_case, Decision.Outcome.RESTORE, policy=policy("delisting")
    )
    outcome: list[object] = []

    def restore() -> None:
        try:
            decisions.answer(
                actor=senior, decision=decision, is_approved=True, expected_version=None
            )
            outcome.append("restored")
        except RestoreRefused as refusal:
            outcome.append(refusal)

    with transaction.atomic():
        suspend(senior, second_case)
        thread = in_thread(restore)
        thread.join(timeout=1)
        assert thread.is_alive(), "the restore must wait for the hold's transaction"
    thread.join()

    assert isinstance(outcome[0], RestoreRefused)
    assert not Enforcement.objects.filter(action="restore").exists()
    assert profile.holds.standing().count() == 1


def test_a_hold_waits_for_a_restore_that_is_being_ordered_and_then_cancels_it(
    moderator: User, senior: User
) -> None:
    """The other order: the restore commits first, and the hold overtakes it before it is sent."""
    profile, restore_case = profile_ready_to_be_restored(moderator, senior)
    second_case = open_match_case(profile, make_designation("DODIK, Milorad"))
    decision = propose(
        moderator, restore_case, Decision.Outcome.RESTORE, policy=policy("delisting")
    )

    with transaction.atomic():
        approve(senior, decision)
        thread = in_thread(lambda: suspend(senior, second_case) and None)
        thread.join(timeout=1)
        assert thread.is_alive(), "the hold must wait for the restore's transaction"
    thread.join()

    assert profile.holds.standing().count() == 1
    assert Enforcement.objects.get(action="restore").state == Enforcement.State.CANCELLED
    assert Enforcement.objects.filter(action="suspend", state="approved").exists()


def test_only_one_action_per_profile_is_sent_at_a_time(moderator: User) -> None:
    profile = held_profile(moderator)
    first = Enforcement.objects.get(profile=profile)
    second = Enforcement.objects.create(profile=profile, action="suspend", reference="again")
    Enforcement.objects.filter(pk=first.pk).update(state="sending")

    with pytest.raises(DatabaseError, match="enforcement_one_sending_per_profile"):
        Enforcement.objects.filter(pk=second.pk).update(state="sending")


def test_a_basis_cannot_be_rewritten(moderator: User) -> None:
    basis = HoldBasis.objects.get(hold=held_profile(moderator).holds.get())
    other = suspend(moderator, open_match_case())

    with pytest.raises(DatabaseError):
        HoldBasis.objects.filter(pk=basis.pk).update(placed_by_decision=other)


def profile_ready_to_be_restored(moderator: User, senior: User) -> tuple[Profile, Case]:
    """Held, delisted and released by two people; the delisting case asks what comes next."""
    designation = make_designation()
    profile = make_profile()
    suspend(moderator, open_match_case(profile, designation))
    list_version = delist(designation)
    case = opening.open_for_delisting(actor=PIPELINE, profile=profile, designation=designation)
    release = propose(
        moderator,
        case,
        Decision.Outcome.RELEASE_HOLD,
        policy=policy("delisting"),
        holds=list(profile.holds.all()),
        ground=Decision.Ground.DELISTED,
        list_version=list_version,
    )
    approve(senior, release)
    return profile, case
