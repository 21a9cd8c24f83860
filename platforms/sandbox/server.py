"""The HTTP side: one handler, a table of addresses, and the faults between them."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from platforms.sandbox.accounts import (
    ACTIONS,
    BATCH_READ_LIMIT,
    PAGE_LIMIT,
    REVERSIBLE_UNTIL_DAYS,
    Refusal,
    invalid,
)
from platforms.sandbox.faults import Faults
from platforms.sandbox.page import accounts_page
from platforms.sandbox.store import Store

MAX_BODY_BYTES = 4 * 1024 * 1024
ACCOUNTS_ON_THE_PAGE = 200
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"


class SandboxServer(ThreadingHTTPServer):
    """The platform: its database, its two tokens and its faults."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], *, name: str, store: Store, token: str, operator_token: str
    ) -> None:
        self.name = name
        self.store = store
        self.token = token
        self.operator_token = operator_token
        self.form_token = secrets.token_urlsafe(24)
        self.faults = Faults()
        super().__init__(address, Handler)


class Dropped(Exception):
    """The effect happened, the answer will not."""


class Handler(BaseHTTPRequestHandler):
    """Answers one connection. Each `do_` method names what the address needs and what it does."""

    server: SandboxServer
    protocol_version = "HTTP/1.1"
    server_version = "HoldfastSandbox/1"
    sys_version = ""
    # An idle kept connection must not hold its thread for ever.
    timeout = 60
    # Head and body go out in two writes: the second must not wait for the first's answer.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(self._get)

    def do_POST(self) -> None:
        self._answer(self._post)

    def do_PUT(self) -> None:
        self._answer(self._put)

    def do_PATCH(self) -> None:
        self._answer(self._patch)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet: the demonstration shares one terminal, and addresses hold account ids."""

    def _answer(self, route: Callable[[list[str]], None]) -> None:
        self.close_connection = self.headers.get("Connection", "").lower() == "close"
        try:
            path = urlsplit(self.path).path
            route([unquote(part) for part in path.strip("/").split("/")])
        except Dropped:
            self.close_connection = True
        except Refusal as refusal:
            self._problem(refusal.status, refusal.code, refusal.detail)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _get(self, parts: list[str]) -> None:
        match parts:
            case [""]:
                accounts = self.server.store.most_followed(limit=ACCOUNTS_ON_THE_PAGE)
                page = accounts_page(
                    accounts, name=self.server.name, form_token=self.server.form_token
                )
                self._send(200, page.encode(), "text/html; charset=utf-8")
            case ["v1", "capabilities"]:
                self._enter_api()
                self._json(self._capabilities())
            case ["v1", "accounts"]:
                self._enter_api()
                self._json(self._page())
            case ["v1", "accounts", account_id]:
                self._enter_api()
                self._json(self.server.store.read(account_id).as_json())
            case ["operator", "accounts", account_id, "events"]:
                self._enter_operator()
                self._json({"events": self.server.store.events(account_id)})
            case _:
                raise Refusal(404, "no-such-address", "No such address.")

    def _post(self, parts: list[str]) -> None:
        # Read first, whatever follows: an unread body would be taken for the next request.
        raw = self._body()
        match parts:
            case ["v1", "accounts", "read"]:
                self._enter_api()
                self._json(self._read_many(_object(raw)))
            case ["v1", "accounts", account_id, "actions"]:
                self._enter_api()
                self._act(account_id, _object(raw))
            case ["operator", "accounts"]:
                self._enter_operator()
                rows = _object(raw).get("accounts")
                if not isinstance(rows, list):
                    raise invalid("accounts has to be a list.")
                self._json({"added": self.server.store.add(rows)}, status=201)
            case ["operator", "accounts", account_id, "restore"]:
                self._operator_restore(account_id, raw)
            case _:
                raise Refusal(404, "no-such-address", "No such address.")

    def _put(self, parts: list[str]) -> None:
        raw = self._body()
        if parts != ["operator", "faults"]:
            raise Refusal(404, "no-such-address", "No such address.")
        self._enter_operator()
        self._json(self.server.faults.replace(_object(raw)))

    def _patch(self, parts: list[str]) -> None:
        raw = self._body()
        match parts:
            case ["operator", "accounts", account_id]:
                self._enter_operator()
                self._json(self.server.store.operator_set(account_id, _object(raw)).as_json())
            case _:
                raise Refusal(404, "no-such-address", "No such address.")

    def _enter_api(self) -> None:
        """Check the token, then let the faults in force strike before any effect."""
        faults = self.server.faults
        if faults.in_force().token_refused or not self._bearer_is(self.server.token):
            raise Refusal(401, "token-refused", "The token is missing, wrong or expired.")
        if faults.take("limited"):
            raise Refusal(429, "too-many-requests", "Too many requests.")
        if faults.take("unavailable"):
            raise Refusal(503, "unavailable", "Closed for a moment. Nothing was applied.")
        if faults.take("errors") or faults.strikes():
            raise Refusal(500, "error", "Something went wrong here.")

    def _enter_operator(self) -> None:
        if not self.server.operator_token or not self._bearer_is(self.server.operator_token):
            raise Refusal(401, "token-refused", "The operator token is missing or wrong.")

    def _bearer_is(self, token: str) -> bool:
        given = self.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())

    def _capabilities(self) -> dict[str, Any]:
        return {
            "api": "1",
            "platform": self.server.name,
            "actions": list(ACTIONS),
            "blocks_sign_in": True,
            "hides_content": True,
            "reversible_until_days": REVERSIBLE_UNTIL_DAYS,
            "page_limit": PAGE_LIMIT,
            "batch_read_limit": BATCH_READ_LIMIT,
        }

    def _page(self) -> dict[str, Any]:
        asked = parse_qs(urlsplit(self.path).query)
        limit_text = asked.get("limit", [str(PAGE_LIMIT)])[0]
        if not limit_text.isascii() or not limit_text.isdigit():
            raise invalid("limit has to be a whole number.")
        limit = int(limit_text)
        if not 1 <= limit <= PAGE_LIMIT:
            raise invalid(f"limit has to be 1 to {PAGE_LIMIT}.")
        after = asked.get("cursor", [""])[0]
        accounts, next_cursor = self.server.store.page(after=after, limit=limit)
        return {"accounts": [a.as_json() for a in accounts], "next_cursor": next_cursor}

    def _read_many(self, body: dict[str, Any]) -> dict[str, Any]:
        ids = body.get("ids")
        if not isinstance(ids, list) or not all(isinstance(i, str) for i in ids):
            raise invalid("ids has to be a list of texts.")
        if not 1 <= len(ids) <= BATCH_READ_LIMIT:
            raise invalid(f"ids has to hold 1 to {BATCH_READ_LIMIT} ids.")
        accounts = self.server.store.read_many(ids)
        missing = sorted(set(ids) - {account.id for account in accounts})
        return {"accounts": [a.as_json() for a in accounts], "missing": missing}

    def _act(self, account_id: str, body: dict[str, Any]) -> None:
        key = self.headers.get("Idempotency-Key", "")
        if not 1 <= len(key) <= 200:
            raise invalid("The header Idempotency-Key is missing, or longer than 200 characters.")
        if self.server.faults.take("ignored_actions"):
            account = self.server.store.read(account_id).as_json()
            self._json({"changed": True, "account": account})
            return
        answer, replayed = self.server.store.act(account_id, key=key, body=body)
        if self.server.faults.take("dropped_actions"):
            raise Dropped
        extra = {"Idempotent-Replayed": "true"} if replayed else {}
        self._send(200, answer.encode(), "application/json", extra)

    def _operator_restore(self, account_id: str, raw: bytes) -> None:
        is_form = self.headers.get_content_type() == "application/x-www-form-urlencoded"
        if not is_form:
            self._enter_operator()
            self._json(self.server.store.operator_restore(account_id).as_json())
            return
        given = parse_qs(raw.decode("ascii", "replace")).get("form_token", [""])[0]
        if not secrets.compare_digest(given.encode(), self.server.form_token.encode()):
            raise Refusal(403, "stale-page", "This page is from an earlier start. Load it again.")
        self.server.store.operator_restore(account_id)
        self._send(303, b"", "text/plain", {"Location": "/"})

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            raise Refusal(413, "invalid", f"Send a Content-Length of at most {MAX_BODY_BYTES}.")
        return self.rfile.read(int(length))

    def _json(self, body: dict[str, Any], *, status: int = 200) -> None:
        self._send(status, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def _problem(self, status: int, code: str, detail: str) -> None:
        extra = {}
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            extra["Retry-After"] = str(self.server.faults.in_force().retry_after_seconds)
        body = {
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": detail,
        }
        payload = json.dumps(body, ensure_ascii=False).encode()
        self._send(status, payload, "application/problem+json", extra)

    def _send(
        self, status: int, payload: bytes, kind: str, extra: dict[str, str] | None = None
    ) -> None:
        is_api = self.path.startswith("/v1/")
        if is_api and (delay_seconds := self.server.faults.in_force().delay_seconds):
            time.sleep(delay_seconds)
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(len(payload)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": PAGE_POLICY,
            "X-Content-Type-Options": "nosniff",
        }
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in (headers | (extra or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        raise Refusal(400, "invalid", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise Refusal(400, "invalid", "The body has to be a JSON object.")
    return body
