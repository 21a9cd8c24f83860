"""The sandbox platform's own database: accounts, kept answers and what happened, in SQLite."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from platforms.sandbox.accounts import REVERSIBLE_UNTIL_DAYS, Account, Action, Refusal, invalid

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (
    id TEXT PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    followers INTEGER NOT NULL,
    record TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kept_answer (
    key TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    answer TEXT NOT NULL,
    kept_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    by TEXT NOT NULL CHECK (by IN ('api', 'operator')),
    verb TEXT NOT NULL,
    changed INTEGER NOT NULL,
    reference TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS event_by_account ON event (account_id, number);
"""


def _now() -> datetime:
    return datetime.now(UTC)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


class Store:
    """One connection behind one lock: a request sees the whole effect of another or none."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        # The lock above is what SQLite's own thread check would otherwise insist on.
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _load(self, account_id: str) -> Account:
        row = self._db.execute("SELECT record FROM account WHERE id = ?", [account_id]).fetchone()
        if row is None:
            raise Refusal(404, "account-not-found", f"No account {account_id}.")
        return Account(**json.loads(row[0]))

    def _save(self, account: Account) -> None:
        account.updated_at = _text(_now())
        self._db.execute(
            "INSERT INTO account (id, handle, followers, record) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET handle = excluded.handle,"
            " followers = excluded.followers, record = excluded.record",
            [account.id, account.handle, account.followers, json.dumps(vars(account))],
        )

    def _record(
        self, account_id: str, *, by: str, verb: str, changed: bool, reference: str = ""
    ) -> None:
        self._db.execute(
            "INSERT INTO event (account_id, happened_at, by, verb, changed, reference)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [account_id, _text(_now()), by, verb, changed, reference],
        )

    def read(self, account_id: str) -> Account:
        with self._lock:
            return self._load(account_id)

    def read_many(self, account_ids: list[str]) -> list[Account]:
        marks = ",".join("?" * len(account_ids))
        with self._lock:
            rows = self._db.execute(
                # Only question marks are put into the text.
                f"SELECT record FROM account WHERE id IN ({marks})",  # noqa: S608
                account_ids,
            ).fetchall()
        return [Account(**json.loads(record)) for (record,) in rows]

    def page(self, *, after: str, limit: int) -> tuple[list[Account], str | None]:
        """Return up to `limit` accounts in order of id, and the id to go on from."""
        with self._lock:
            rows = self._db.execute(
                "SELECT record FROM account WHERE id > ? ORDER BY id LIMIT ?", [after, limit + 1]
            ).fetchall()
        accounts = [Account(**json.loads(record)) for (record,) in rows[:limit]]
        return accounts, accounts[-1].id if len(rows) > limit else None

    def most_followed(self, *, limit: int) -> list[Account]:
        with self._lock:
            rows = self._db.execute(
                "SELECT record FROM account ORDER BY followers DESC, id LIMIT ?", [limit]
            ).fetchall()
        return [Account(**json.loads(record)) for (record,) in rows]

    def events(self, account_id: str) -> list[dict[str, Any]]:
        with self._lock:
            rows = self._db.execute(
                "SELECT happened_at, by, verb, changed, reference FROM event"
                " WHERE account_id = ? ORDER BY number",
                [account_id],
            ).fetchall()
        names = ("happened_at", "by", "verb", "changed", "reference")
        return [dict(zip(names, row, strict=True)) | {"changed": bool(row[3])} for row in rows]

    def is_empty(self) -> bool:
        with self._lock:
            return self._db.execute("SELECT 1 FROM account LIMIT 1").fetchone() is None

    def act(self, account_id: str, *, key: str, body: dict[str, Any]) -> tuple[str, bool]:
        """Apply an action once. Return the answer, and whether it is a kept one.

        The effect and the kept answer are one transaction: a crash leaves both or neither.
        """
        digest = hashlib.sha256(
            json.dumps([account_id, body], sort_keys=True, ensure_ascii=True).encode()
        ).hexdigest()
        with self._transaction():
            kept = self._db.execute(
                "SELECT digest, answer FROM kept_answer WHERE key = ?", [key]
            ).fetchone()
            if kept is not None:
                if kept[0] != digest:
                    raise Refusal(
                        422, "key-reused", "This idempotency key belongs to another request."
                    )
                return kept[1], True
            asked = Action.from_json(body)
            account = self._load(account_id)
            if account.state == "gone":
                raise Refusal(409, "account-gone", f"Account {account_id} was deleted.")
            changed = account.apply(asked)
            if changed:
                self._save(account)
            self._record(
                account_id,
                by="api",
                verb=asked.action,
                changed=changed,
                reference=asked.reference,
            )
            now = _now()
            until = now + timedelta(days=REVERSIBLE_UNTIL_DAYS)
            answer = json.dumps(
                {
                    "changed": changed,
                    "applied_at": _text(now),
                    "reversible_until": _text(until) if asked.action == "suspend" else None,
                    "account": account.as_json(),
                },
                ensure_ascii=False,
            )
            self._db.execute(
                "INSERT INTO kept_answer (key, digest, answer, kept_at) VALUES (?, ?, ?, ?)",
                [key, digest, answer, _text(now)],
            )
        return answer, False

    def operator_restore(self, account_id: str) -> Account:
        """Give an account back without asking anybody: the mistake that Holdfast has to notice."""
        with self._transaction():
            account = self._load(account_id)
            if account.state == "gone":
                raise Refusal(409, "account-gone", f"Account {account_id} was deleted.")
            account.lift_everything()
            account.own_state = "active"
            self._save(account)
            self._record(account_id, by="operator", verb="restore", changed=True)
        return account

    def operator_set(self, account_id: str, changes: dict[str, Any]) -> Account:
        """Change profile fields, or the platform's own state, as the holder or the staff would."""
        with self._transaction():
            account = self._load(account_id)
            account.change(changes)
            self._save(account)
            self._record(account_id, by="operator", verb="change", changed=True)
        return account

    def add(self, rows: list[Any]) -> int:
        """Add accounts, all or none. Return how many."""
        accounts = [Account.from_json(row) for row in rows]
        try:
            with self._transaction():
                for account in accounts:
                    if self._db.execute(
                        "SELECT 1 FROM account WHERE id = ?", [account.id]
                    ).fetchone():
                        raise invalid(f"Account {account.id} exists already.")
                    self._save(account)
        except sqlite3.IntegrityError:
            raise invalid("Two accounts cannot have the same handle.") from None
        return len(accounts)
