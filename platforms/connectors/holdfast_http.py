"""The client of the Holdfast connector API, version 1 (docs/connector-api.md)."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlsplit

import httpx

from platforms.connectors.base import (
    AccountPage,
    AccountReading,
    AccountState,
    ActionReply,
    AnswerUnknown,
    Capabilities,
    ConnectorRateLimited,
    ConnectorRefused,
    ConnectorUnavailable,
)
from platforms.connectors.secrets import read_secret

TIMEOUT = httpx.Timeout(10.0, connect=3.05)
"""Seconds. Short, because a worker that waits here reads nobody else; a retry costs little."""

MAX_ANSWER_BYTES = 32 * 1024 * 1024
LONGEST_RETRY_AFTER_SECONDS = 3600.0
DEFAULT_RETRY_AFTER_SECONDS = 30.0

# The request cannot have reached the platform when one of these is raised.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class HoldfastHTTP:
    """One platform over HTTP. Follows no redirect and sends its token only over TLS.

    Plain HTTP is accepted towards this machine alone, for the sandbox.
    """

    def __init__(
        self,
        *,
        base_url: str,
        token_reference: str,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        parts = urlsplit(base_url)
        is_here = _is_this_machine(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
            raise ConnectorUnavailable(f"{base_url} is not an https address.")
        token = read_secret(token_reference)
        if not token.isascii() or not token.isprintable():
            raise ConnectorUnavailable("The token has characters that no HTTP header can carry.")
        self._client = httpx.Client(
            base_url=base_url.rstrip("/"),
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json, application/problem+json",
                "User-Agent": "Holdfast/1",
            },
            timeout=timeout,
            follow_redirects=False,
            # A proxy named in the environment cannot reach a server on this machine.
            trust_env=not is_here,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def capabilities(self) -> Capabilities:
        body = self._ask("GET", "/v1/capabilities")
        try:
            days = body["reversible_until_days"]
            return Capabilities(
                platform=str(body["platform"]),
                actions=frozenset(map(str, body["actions"])),
                blocks_sign_in=body["blocks_sign_in"] is True,
                hides_content=body["hides_content"] is True,
                reversible_until_days=None if days is None else int(days),
                page_limit=max(int(body["page_limit"]), 1),
                batch_read_limit=max(int(body["batch_read_limit"]), 1),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise _unlike_the_contract(error) from error

    def pages(self, *, page_size: int) -> Iterator[AccountPage]:
        cursor = ""
        while True:
            asked = {"limit": str(page_size)} | ({"cursor": cursor} if cursor else {})
            asked_at = datetime.now(UTC)
            body = self._ask("GET", "/v1/accounts", params=asked)
            yield _page(body, read_at=asked_at)
            following = body.get("next_cursor")
            if following is None:
                return
            if not isinstance(following, str) or following in ("", cursor):
                raise ConnectorUnavailable("The platform's next_cursor leads nowhere.")
            cursor = following

    def read(self, *, external_id: str) -> AccountReading:
        asked_at = datetime.now(UTC)
        try:
            body = self._ask("GET", f"/v1/accounts/{quote(external_id, safe='')}")
        except _NoSuchAccount:
            return _gone(external_id, read_at=asked_at)
        reading = _reading(body, read_at=asked_at)
        if reading.external_id != external_id:
            raise ConnectorUnavailable("The platform answered with another account.")
        return reading

    def read_many(self, *, external_ids: Sequence[str]) -> dict[str, AccountReading]:
        asked = set(external_ids)
        asked_at = datetime.now(UTC)
        body = self._ask("POST", "/v1/accounts/read", json={"ids": list(external_ids)})
        readings = _page(body, read_at=asked_at).readings
        found = {r.external_id: r for r in readings if r.external_id in asked}
        missing = body.get("missing", [])
        if not isinstance(missing, list):
            raise ConnectorUnavailable("The platform's list of missing accounts is not a list.")
        unknown = {i for i in missing if isinstance(i, str)} & (asked - set(found))
        return found | {i: _gone(i, read_at=asked_at) for i in unknown}

    def act(
        self,
        *,
        external_id: str,
        action: str,
        territory: str,
        reason_code: str,
        reference: str,
        idempotency_key: str,
    ) -> ActionReply:
        try:
            status, headers, body = self._exchange(
                "POST",
                f"/v1/accounts/{quote(external_id, safe='')}/actions",
                headers={"Idempotency-Key": idempotency_key},
                json={
                    "action": action,
                    "territory": territory,
                    "reason_code": reason_code,
                    "reference": reference,
                },
            )
        except NEVER_SENT as error:
            raise ConnectorUnavailable(_unreachable(error)) from error
        except (httpx.HTTPError, ValueError) as error:
            # ValueError: an answer came, and it could not be read.
            raise AnswerUnknown(f"No usable answer: {type(error).__name__}.") from error
        if status >= 500 and status != 503:
            raise AnswerUnknown(f"The platform answered {status}.")
        if status != 200:
            _raise_for(status, headers, body)
        try:
            return ActionReply(
                changed=body["changed"] is True,
                is_replay=headers.get("Idempotent-Replayed") == "true",
                reversible_until=_moment(body.get("reversible_until")),
                state=AccountState(body["account"]["state"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise AnswerUnknown(f"The answer does not follow the contract: {error!r}.") from error

    def _ask(self, method: str, address: str, **request: Any) -> dict[str, Any]:
        """Send a request that changes nothing. Return the JSON object of a 200."""
        try:
            status, headers, body = self._exchange(method, address, **request)
        except httpx.HTTPError as error:
            raise ConnectorUnavailable(_unreachable(error)) from error
        except ValueError as error:
            raise _unlike_the_contract(error) from error
        if status != 200:
            _raise_for(status, headers, body)
        return body

    def _exchange(
        self, method: str, address: str, **request: Any
    ) -> tuple[int, httpx.Headers, dict[str, Any]]:
        """Send and read one answer. Raise httpx.HTTPError, or ValueError for a strange body."""
        with self._client.stream(method, address, **request) as response:
            payload = bytearray()
            for chunk in response.iter_bytes():
                payload += chunk
                if len(payload) > MAX_ANSWER_BYTES:
                    raise ValueError(f"an answer of more than {MAX_ANSWER_BYTES} bytes")
        if response.status_code != 200:
            return response.status_code, response.headers, _problem(response, bytes(payload))
        body = httpx.Response(200, content=bytes(payload)).json()
        if not isinstance(body, dict):
            raise ValueError("not a JSON object")
        return response.status_code, response.headers, body


class _NoSuchAccount(ConnectorRefused):
    """The platform says that it knows no such account."""


def _problem(response: httpx.Response, payload: bytes) -> dict[str, Any]:
    """Return the problem+json of a refusal, or nothing where there is none."""
    if "json" not in response.headers.get("Content-Type", ""):
        return {}
    try:
        body = httpx.Response(response.status_code, content=payload).json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _raise_for(status: int, headers: httpx.Headers, problem: dict[str, Any]) -> NoReturn:
    code = problem.get("code")
    said = str(problem.get("detail") or problem.get("title") or "")[:300]
    if status == 429:
        seconds = _retry_after_seconds(headers.get("Retry-After", ""))
        raise ConnectorRateLimited(
            f"The platform asks to wait {seconds:g} seconds.", retry_after_seconds=seconds
        )
    if status in (401, 403):
        raise ConnectorUnavailable("The platform refuses our token. It may have expired.")
    if status == 404 and code == "account-not-found":
        raise _NoSuchAccount(said or "The platform knows no such account.")
    if 400 <= status < 500 and code:
        raise ConnectorRefused(said or f"The platform answered {status}, {code}.")
    raise ConnectorUnavailable(f"The platform answered {status} {said}".strip() + ".")


def _retry_after_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return DEFAULT_RETRY_AFTER_SECONDS
    if not math.isfinite(seconds) or seconds < 0:
        return DEFAULT_RETRY_AFTER_SECONDS
    return min(seconds, LONGEST_RETRY_AFTER_SECONDS)


def _page(body: dict[str, Any], *, read_at: datetime) -> AccountPage:
    """Read a list of accounts. One that breaks the contract does not hide the others."""
    accounts = body.get("accounts")
    if not isinstance(accounts, list):
        raise ConnectorUnavailable("The platform's list of accounts is not a list.")
    page = AccountPage()
    for account in accounts:
        try:
            page.readings.append(_reading(account, read_at=read_at))
        except ConnectorUnavailable as error:
            page.problems.append(str(error))
    return page


def _reading(account: Any, *, read_at: datetime) -> AccountReading:
    """Read one account of the contract. Raise ConnectorUnavailable when it is none."""
    try:
        return AccountReading(
            external_id=str(account["id"]),
            state=AccountState(account["state"]),
            read_at=read_at,
            handle=str(account["handle"]),
            display_name=str(account.get("display_name", "")),
            bio=str(account.get("bio", "")),
            links=tuple(map(str, account.get("links", []))),
            country=str(account.get("country", "")),
            date_of_birth=str(account.get("date_of_birth", "")),
            followers=max(int(account.get("followers", 0)), 0),
            is_verified=account.get("verified") is True,
            image_fingerprints=tuple(map(str, account.get("image_fingerprints", []))),
            created_at=_moment(account.get("created_at")),
            withheld_in=frozenset(map(str, account.get("withheld_in", []))),
            is_labelled=account.get("labelled") is True,
            is_monetised=account.get("monetised") is not False,
            updated_at=_moment(account.get("updated_at")),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unlike_the_contract(error) from error


def _gone(external_id: str, *, read_at: datetime) -> AccountReading:
    return AccountReading(external_id=external_id, state=AccountState.GONE, read_at=read_at)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(f"{value} has no offset")
    return moment


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _unreachable(error: httpx.HTTPError) -> str:
    return f"The platform does not answer ({type(error).__name__})."


def _unlike_the_contract(error: Exception) -> ConnectorUnavailable:
    return ConnectorUnavailable(f"The platform's answer does not follow the contract: {error!r}.")
