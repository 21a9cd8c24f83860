"""The sealed chain: what it takes in, and that no change to it goes unseen."""

import json
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction

from accounts import audit, sealing
from accounts.models import AuditEvent, AuditSeal, User
from accounts.verification import verify
from tests.conftest import person

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def actor() -> User:
    return person("Ada Lindqvist")


def act(actor: User, times: int = 1) -> None:
    for count in range(times):
        audit.record(actor=actor, verb="try", target=actor, changes={"count": count, "é": [1, 1.5]})


def seal(count: int) -> None:
    """Seal so many events. Another database of the cluster may hold the sealer up for a moment."""
    sealed, tries = 0, 0
    while sealed < count and tries < 600:
        sealed += sealing.seal()
        tries += 1
        if sealed < count:
            time.sleep(0.05)
    assert sealed == count


def tamper(*statements: str) -> None:
    """Change the record as the owner of its tables, with our guards off: a worst intruder."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in ("accounts_auditevent", "accounts_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
            assert cursor.rowcount > 0
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("accounts_auditevent", "accounts_auditseal"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_an_event_is_numbered_and_chained_once(actor: User) -> None:
    act(actor, 3)
    seal(3)
    assert sealing.seal() == 0
    act(actor, 2)
    seal(2)
    seals = list(AuditSeal.objects.order_by("number"))
    assert [seal.number for seal in seals] == [1, 2, 3, 4, 5]
    assert [seal.previous_hash for seal in seals[1:]] == [seal.hash for seal in seals[:-1]]
    assert seals[0].previous_hash == sealing.GENESIS
    assert verify().broken is None


def test_it_waits_for_an_older_transaction_that_still_runs(actor: User) -> None:
    """An event that commits late must not be passed by and then never be sealed."""
    slow = connections["default"].copy()
    slow.set_autocommit(False)
    with slow.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_auditevent (uuid, actor_service, verb, object_type, object_id,"
            " about, changes, reason, request_id)"
            " VALUES (gen_random_uuid(), 'slow', 'try', 'user', '1', '{}', '{}', '', '')"
        )
    act(actor)
    assert sealing.seal() == 0
    assert verify().unsealed == 1
    slow.commit()
    slow.close()
    seal(2)
    assert verify().unsealed == 0


def test_two_sealers_give_no_number_twice(actor: User) -> None:
    act(actor, 2)
    other = connections["default"].copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [sealing.SEALER_LOCK])
    assert sealing.seal() == 0
    other.commit()
    other.close()
    seal(2)


def test_it_seals_in_batches_and_misses_none(actor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH_SIZE", 2)
    with transaction.atomic():
        act(actor, 5)
    seal(5)
    assert verify().broken is None


def test_it_goes_on_in_a_cluster_whose_transactions_began_anew(actor: User) -> None:
    """A database recovered elsewhere holds transaction numbers from a future that never comes."""
    past = audit.event(actor=actor, verb="try", target=actor)
    past.transaction = 4_000_000_000
    past.save()
    values = AuditEvent.objects.values(*sealing.SEALED_FIELDS).get(pk=past.pk)
    AuditSeal.objects.create(
        number=1,
        event=past,
        previous_hash=sealing.GENESIS,
        hash=sealing.link(number=1, previous_hash=sealing.GENESIS, event=values),
    )
    act(actor)
    seal(1)
    act(actor)
    seal(1)
    assert verify().broken is None
    assert verify().unsealed == 0


THIRD = "(SELECT event_id FROM accounts_auditseal WHERE number = 3)"


@pytest.mark.parametrize(
    ("statements", "number"),
    [
        (["UPDATE accounts_auditevent SET verb = 'other' WHERE id = THIRD"], 3),
        (["UPDATE accounts_auditevent SET object_id = 'x' WHERE id = THIRD"], 3),
        (["UPDATE accounts_auditevent SET reason = 'because' WHERE id = THIRD"], 3),
        (["UPDATE accounts_auditevent SET about = '{}' WHERE id = THIRD"], 3),
        (["UPDATE accounts_auditevent SET changes = '{}' WHERE id = THIRD"], 3),
        (["UPDATE accounts_auditevent SET at = at + '1 microsecond' WHERE id = THIRD"], 3),
        (
            [
                "UPDATE accounts_auditevent SET actor_user_id = NULL, actor_service = 'sync'"
                " WHERE id = THIRD"
            ],
            3,
        ),
        (["DELETE FROM accounts_auditseal WHERE number = 3"], 3),
        (["DELETE FROM accounts_auditseal WHERE number = 1"], 1),
        (["UPDATE accounts_auditseal SET hash = repeat('0', 64) WHERE number = 3"], 3),
        (["UPDATE accounts_auditseal SET previous_hash = repeat('1', 64) WHERE number = 3"], 3),
        (
            [
                "UPDATE accounts_auditseal SET number = -1 WHERE number = 3",
                "UPDATE accounts_auditseal SET number = 3 WHERE number = 4",
                "UPDATE accounts_auditseal SET number = 4 WHERE number = -1",
            ],
            3,
        ),
    ],
)
def test_any_change_is_found_where_it_was_made(
    actor: User, statements: list[str], number: int
) -> None:
    act(actor, 5)
    seal(5)
    tamper(*(statement.replace("THIRD", THIRD) for statement in statements))
    broken = verify().broken
    assert broken is not None
    assert broken.number == number


def cut_tail() -> None:
    tamper(
        "DELETE FROM accounts_auditseal WHERE number > 3",
        "DELETE FROM accounts_auditevent WHERE id NOT IN (SELECT event_id FROM accounts_auditseal)",
    )


def test_a_cut_tail_is_told_by_an_anchor_alone(actor: User, tmp_path: Path) -> None:
    act(actor, 5)
    seal(5)
    kept = tmp_path / "anchors.jsonl"
    call_command("export_anchor", "--to", str(kept), stdout=StringIO())
    cut_tail()
    assert verify().broken is None
    with pytest.raises(SystemExit) as left:
        call_command("verify_audit", "--anchors", str(kept), stdout=(out := StringIO()))
    assert left.value.code == 1
    assert "Seal 5 is cut off" in out.getvalue()


def test_a_chain_written_anew_differs_from_its_anchor(actor: User, tmp_path: Path) -> None:
    act(actor, 5)
    seal(5)
    kept = tmp_path / "anchors.jsonl"
    call_command("export_anchor", "--to", str(kept), stdout=StringIO())
    cut_tail()
    act(actor, 2)
    seal(2)
    assert verify().broken is None
    with pytest.raises(SystemExit):
        call_command("verify_audit", "--anchors", str(kept), stdout=(out := StringIO()))
    assert "Seal 5 differs from the anchor" in out.getvalue()


def test_the_command_gives_counts_and_the_age_of_the_tail(actor: User) -> None:
    act(actor, 2)
    seal(2)
    act(actor)
    call_command("verify_audit", "--json", stdout=(out := StringIO()))
    facts = json.loads(out.getvalue())
    assert facts["whole"] is True
    assert (facts["checked"], facts["sealed"], facts["unsealed"]) == (2, 2, 1)
    assert facts["unsealed_age_seconds"] >= 0


def test_since_starts_at_a_day_and_still_checks_the_link_into_it(actor: User) -> None:
    act(actor, 2)
    seal(2)
    tamper("UPDATE accounts_auditseal SET sealed_at = sealed_at - interval '2 days'")
    act(actor, 3)
    seal(3)
    since = AuditSeal.objects.get(number=3).sealed_at
    assert verify(since=since).checked == 3
    tamper("UPDATE accounts_auditseal SET hash = repeat('0', 64) WHERE number = 2")
    broken = verify(since=since).broken
    assert broken is not None
    assert broken.number == 3


@pytest.mark.parametrize("line", ["not json", '{"number": 1}', "[]"])
def test_a_file_that_holds_no_anchors_is_named(actor: User, tmp_path: Path, line: str) -> None:
    file = tmp_path / "other.txt"
    file.write_text(line)
    with pytest.raises(CommandError, match="holds no anchors"):
        call_command("verify_audit", "--anchors", str(file))


@pytest.mark.parametrize("table", ["accounts_auditevent", "accounts_auditseal"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_application_can_change_nothing(actor: User, table: str, statement: str) -> None:
    act(actor)
    seal(1)
    column = "verb" if table == "accounts_auditevent" else "hash"
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))


@pytest.mark.parametrize(
    "statement", ["DELETE FROM accounts_auditevent", "DELETE FROM accounts_auditseal"]
)
def test_even_a_role_with_the_right_meets_the_trigger(actor: User, statement: str) -> None:
    act(actor)
    seal(1)
    with (
        pytest.raises(DatabaseError, match="takes inserts only"),
        connections["owner"].cursor() as cursor,
    ):
        cursor.execute(statement)
