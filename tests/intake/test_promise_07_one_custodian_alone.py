"""Promise 7: one custodian, the requester, or one person twice: no release, not by SQL either."""

import json
from itertools import combinations

import psycopg
import pytest
from psycopg.errors import CheckViolation, InsufficientPrivilege

from accounts.actors import COMMAND_LINE
from accounts.models import RoleGrant, User
from accounts.refusals import NotAllowed
from accounts.roles import Role
from intake import access, envelopes, reading, rotation
from intake.envelopes import NotOpened
from intake.models import Report
from intake.models.vault import CustodianKey, Identity, IdentityRequest, IdentityShare
from intake.receipts import Receipt
from intake.vault import ceremony, custodians, requests, sealing
from intake.vault.giving import identity_place, share_place
from intake.vault.refusals import CannotApprove, NotReleased
from tests.conftest import person
from tests.intake.attacker import dump, every_value, found
from tests.intake.conftest import MARYAM, PASSPHRASE
from tests.intake.test_promise_04_05_what_keys_open import candidate_keys
from tests.intake.vault_builders import let_time_pass, released, unguarded
from tests.intake.zone import url_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

Asked = tuple[IdentityRequest, Receipt]


def opens(key: bytes, identity: Identity) -> bool:
    try:
        place = identity_place(identity.report_id, identity.pk)
        sealing.open_identity(key, bytes(identity.content), place)
    except NotOpened:
        return False
    return True


def what_one_custodian_holds(custodian: User, identity: Identity) -> list[bytes]:
    """Every share in the database that their passphrase opens, however it is named."""
    private = custodians.unlock(custodian, PASSPHRASE).private
    held = []
    for share in IdentityShare.objects.filter(identity=identity):
        place = share_place(identity.report_id, share.pk, share.part)
        try:
            held.append(
                sealing.open_share(
                    bytes(share.sealed), private, place=place, key=share.key, partner=share.partner
                )
            )
        except NotOpened:
            continue
    return held


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_custodian_with_the_whole_database_opens_nothing(
    named: tuple[Receipt, Report], vault: list[User], place: int
) -> None:
    """Shown to fail by giving one of each pair the key itself (`split` with a half of zeros)."""
    identity = named[1].identity
    held = what_one_custodian_holds(vault[place], identity)
    assert len(held) == 2
    tried = [sealing.joined(*some) for n in (1, 2) for some in combinations(held, n)]
    assert not any(opens(key, identity) for key in tried)


def test_two_custodians_with_the_database_do_open_it(
    named: tuple[Receipt, Report], vault: list[User]
) -> None:
    """The attack above is a real one: with one more person it works."""
    identity = named[1].identity
    one, other = (what_one_custodian_holds(who, identity) for who in vault[:2])
    assert any(opens(sealing.joined(a, b), identity) for a in one for b in other)


def possible_private_keys() -> set[bytes]:
    """Every run of bytes in a request that has the length of a one-time private key."""
    length = len(envelopes.new_key_pair()[0])
    stored = [
        bytes(value)
        for table, _, value in every_value("intake")
        if table == "intake_identityrequest" and isinstance(value, bytes | memoryview)
    ]
    return {
        value[start : start + length]
        for value in stored
        for start in range(len(value) - length + 1)
    }


def test_database_desk_keys_and_a_release_open_nothing_without_the_requesters_words(
    asked: Asked, vault: list[User], keys: rotation.Folders
) -> None:
    """Shown to fail by storing the one-time private key as it is."""
    request = released(asked[0], *vault[:2])
    identity = request.report.identity
    for key in candidate_keys(keys) | {reading.report_key(request.report)}:
        if len(key) == envelopes.KEY_BYTES:
            assert not opens(key, identity)
    for private in possible_private_keys():
        with pytest.raises(NotOpened):
            requests._opened_half(request, "first_half", private)


def test_the_requester_with_the_database_opens_nothing_before_two_agreed(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    """Shown to fail by sealing the identity's key to the one-time key at the first approval."""
    let_time_pass(asked[0], hours=24)
    requests.approve(actor=vault[0], request=asked[0], passphrase=PASSPHRASE)
    request = IdentityRequest.objects.get()
    with pytest.raises(NotReleased):
        requests.open_identity(actor=coordinator, request=request, words=str(asked[1]))
    private = requests._one_time_private(request, str(asked[1]))
    _, halves = requests._opened_half(request, "first_half", private)
    held = [bytes.fromhex(half) for half in halves.values()]
    tried = [sealing.joined(*some) for n in (1, 2) for some in combinations(held, n)]
    assert not any(opens(key, request.report.identity) for key in tried)


def test_one_custodian_does_not_agree_twice(asked: Asked, vault: list[User]) -> None:
    let_time_pass(asked[0], hours=24)
    requests.approve(actor=vault[0], request=asked[0], passphrase=PASSPHRASE)
    with pytest.raises(CannotApprove, match="agreed already"):
        requests.approve(actor=vault[0], request=asked[0], passphrase=PASSPHRASE)


def test_who_asks_does_not_agree(asked: Asked, coordinator: User) -> None:
    """They hold no such role, and could not: the two roles exclude each other."""
    let_time_pass(asked[0], hours=24)
    with pytest.raises(NotAllowed):
        requests.approve(actor=coordinator, request=asked[0], passphrase=PASSPHRASE)


APPROVED = "UPDATE intake_identityrequest SET first_approver_id = {0}, first_half = 'x'"
AGAIN = (
    "UPDATE intake_identityrequest SET second_approver_id = {0}, second_half = 'x', "
    "state = 'released', visible_until = now() + interval '1 hour'"
)


def refused(statement: str, role: str = "desk") -> str:
    """What the database answers, as the SQLSTATE of its refusal."""
    with psycopg.connect(url_of(role)) as connected:
        try:
            connected.execute(statement)
        except psycopg.Error as error:
            return error.sqlstate or ""
    return "done"


def test_by_sql_the_requester_and_one_person_twice_are_refused_by_a_check(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    """Shown to fail by leaving the two CHECKs out. The guard is off: they hold without it."""
    request = let_time_pass(asked[0], hours=24)
    with unguarded():
        assert refused(APPROVED.format(coordinator.pk)) == CheckViolation.sqlstate
    requests.approve(actor=vault[0], request=request, passphrase=PASSPHRASE)
    with unguarded():
        for twice in (vault[0], coordinator):
            assert refused(AGAIN.format(twice.pk)) == CheckViolation.sqlstate


def test_by_sql_no_step_is_left_out(asked: Asked, vault: list[User], moderator: User) -> None:
    """Shown to fail by dropping the trigger `identity_request_guard`."""
    assert refused(APPROVED.format(vault[0].pk)) == "HF021", "the reporter still has time"
    let_time_pass(asked[0], hours=24)
    assert refused(APPROVED.format(moderator.pk)) == "HF021", "no custodian"
    assert refused(AGAIN.format(vault[0].pk)) != "done", "a second without a first"
    requests.approve(actor=vault[0], request=asked[0], passphrase=PASSPHRASE)
    longer = AGAIN.format(vault[1].pk).replace("1 hour", "80 hours")
    for statement in (
        longer,
        APPROVED.format(vault[2].pk),
        "UPDATE intake_identityrequest SET state = 'released'",
        "UPDATE intake_identityrequest SET first_half = 'y'",
    ):
        assert refused(statement) in ("HF021", CheckViolation.sqlstate), statement


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE intake_identityrequest SET answer = 'consent'",
        "UPDATE intake_identityrequest SET objections_until = now()",
        "UPDATE intake_identityrequest SET emergency_reason = 'now'",
        "UPDATE intake_identityrequest SET requester_id = 1",
        "UPDATE intake_identityrequest SET one_time_public = 'mine'",
        "DELETE FROM intake_identityrequest",
        "UPDATE intake_custodiankey SET public_key = 'mine'",
        "DELETE FROM intake_custodiankey",
        "UPDATE intake_identity SET content = ''",
        "INSERT INTO intake_identity (id) VALUES (gen_random_uuid())",
        "DELETE FROM intake_identityshare",
        "UPDATE intake_identityshare SET key = partner",
        "SELECT intake_identity_answer('x', gen_random_uuid(), 'consent')",
    ],
)
def test_the_desks_role_changes_nothing_that_was_asked_or_sealed(statement: str) -> None:
    """Shown to fail by leaving the rights out of migration 0007."""
    assert refused(statement) == InsufficientPrivilege.sqlstate


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM intake_identity",
        "SELECT * FROM intake_identityshare",
        "SELECT * FROM intake_custodiankey",
        "SELECT * FROM intake_identityrequest",
    ],
)
def test_the_reports_side_reads_nothing_of_the_vault(statement: str) -> None:
    assert refused(statement, "intake") == InsufficientPrivilege.sqlstate


NEW_REQUEST = """
    INSERT INTO intake_identityrequest (id, report_id, requester_id, reason, emergency_reason,
        state, answer, requested_at, objections_until, one_time_public)
    VALUES (gen_random_uuid(), '{report}', {requester}, 'Why', '', 'pending', '',
        now() - interval '{ago}', now() + interval '{left}', 'x')
"""


def test_by_sql_no_request_is_made_with_less_time_or_by_somebody_else(
    named: tuple[Receipt, Report], coordinator: User, other_coordinator: User
) -> None:
    """Shown to fail by dropping the trigger `identity_request_guard_new`."""
    access.claim(actor=coordinator, report=named[1])

    def asks(requester: User, ago: str, left: str) -> str:
        return refused(
            NEW_REQUEST.format(report=named[1].pk, requester=requester.pk, ago=ago, left=left)
        )

    assert asks(coordinator, "24 hours", "0 hours") == "HF020"
    assert asks(coordinator, "0 hours", "23 hours") == "HF020"
    assert asks(other_coordinator, "0 hours", "24 hours") == "HF020"
    assert asks(coordinator, "0 hours", "24 hours") == "done"


FORGED_TABLES = (
    "CREATE TEMP TABLE intake_custodiankey AS SELECT * FROM public.intake_custodiankey",
    "UPDATE pg_temp.intake_custodiankey SET user_id = {0}",
    "CREATE TEMP TABLE accounts_rolegrant AS SELECT * FROM public.accounts_rolegrant",
    "UPDATE pg_temp.accounts_rolegrant SET user_id = {0}",
)


def test_a_temporary_table_deceives_no_guard(asked: Asked, vault: list[User]) -> None:
    """Shown to fail by leaving `SET search_path` off the functions of the guard."""
    let_time_pass(asked[0], hours=24)
    stranger = person("A stranger")
    with psycopg.connect(url_of("desk")) as connected:
        for statement in FORGED_TABLES:
            connected.execute(statement.format(stranger.pk))
        with pytest.raises(psycopg.Error) as refusal:
            connected.execute(APPROVED.format(stranger.pk))
    assert refusal.value.sqlstate == "HF021"


NEW_KEY = """
    INSERT INTO intake_custodiankey (id, user_id, state, public_key, locked_private, salt,
        memory_kib, passes, enrolled_on)
    VALUES (gen_random_uuid(), {user}, '{state}', 'mine', 'x', 'x', 64, 1, now())
"""
IN_FORCE = "UPDATE intake_custodiankey SET state = 'active' WHERE user_id = {0}"


def test_by_sql_nobody_becomes_a_fourth_custodian(vault: list[User]) -> None:
    """Shown to fail by dropping the trigger `custodian_key_guard`."""
    mine = person("Mallory Grey", Role.CUSTODIAN)
    states = ("active", "joining", "waiting")
    answers = [refused(NEW_KEY.format(user=mine.pk, state=state)) for state in states]
    assert answers == ["HF022", "HF022", "done"]
    assert refused(IN_FORCE.format(mine.pk)) == "HF022"


def test_a_role_that_ended_agrees_to_nothing(asked: Asked, vault: list[User]) -> None:
    let_time_pass(asked[0], hours=24)
    RoleGrant.objects.using("owner").filter(user=vault[0]).delete()
    ended = User.objects.get(pk=vault[0].pk)
    with pytest.raises(NotAllowed):
        requests.approve(actor=ended, request=asked[0], passphrase=PASSPHRASE)
    assert refused(APPROVED.format(ended.pk)) == "HF021"


def test_the_dump_holds_no_identity_passphrase_or_words(
    asked: Asked, vault: list[User], coordinator: User
) -> None:
    request = released(asked[0], *vault[:2])
    assert requests.open_identity(actor=coordinator, request=request, words=str(asked[1])) == MARYAM
    stolen = dump()
    for canary in (MARYAM.name, MARYAM.contact, MARYAM.account, PASSPHRASE, str(asked[1])):
        assert not found(canary, stolen)


def test_a_newcomer_alone_opens_nothing_while_they_are_being_admitted(
    named: tuple[Receipt, Report], vault: list[User], keys: rotation.Folders
) -> None:
    """Shown to fail by giving the newcomer the first custodian's half as it is."""
    newcomer = person("Dana Ek", Role.CUSTODIAN)
    key = custodians.enrol(actor=newcomer, passphrase=PASSPHRASE)
    ceremony.begin(actor=vault[0], candidate=key, second=vault[1])
    for who in vault[:2]:
        ceremony.reseal(actor=who, candidate=key, passphrase=PASSPHRASE)
    custodians.publish(actor=COMMAND_LINE, directory=keys.public)
    assert ceremony.settle(actor=COMMAND_LINE, candidate=CustodianKey.objects.get(pk=key.pk))
    identity = named[1].identity
    held = what_one_custodian_holds(newcomer, identity)
    assert len(held) == 6
    tried = [sealing.joined(*some) for n in range(1, 7) for some in combinations(held, n)]
    assert not any(opens(each, identity) for each in tried)
    for who in vault:
        once_more = what_one_custodian_holds(who, identity)
        tried = [sealing.joined(*some) for n in (1, 2, 3) for some in combinations(once_more, n)]
        assert not any(opens(each, identity) for each in tried)


def test_a_half_names_no_identity_key(asked: Asked, vault: list[User]) -> None:
    """What lies in the request is sealed: not even the names of the pairs are read in a dump."""
    request = released(asked[0], *vault[:2])
    for half in (request.first_half, request.second_half):
        assert json.dumps("halves").encode() not in bytes(half or b"")
