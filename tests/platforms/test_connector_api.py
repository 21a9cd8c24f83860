"""The contract of docs/connector-api.md, asked of the sandbox over plain HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.platforms.sandbox import ROOT, TOKEN, Sandbox, account

SUSPEND = {
    "action": "suspend",
    "territory": "",
    "reason_code": "designation",
    "reference": "EN-1",
}


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=sandbox.address,
        headers={"Authorization": f"Bearer {TOKEN}"},
        trust_env=False,
    ) as client:
        yield client


def act(api: httpx.Client, external_id: str, key: str, **changes: Any) -> httpx.Response:
    return api.post(
        f"/v1/accounts/{external_id}/actions",
        headers={"Idempotency-Key": key},
        json=SUSPEND | changes,
    )


def test_it_asks_for_a_token(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.address}/v1/accounts", trust_env=False)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "token-refused"


def test_the_api_token_opens_no_operator_address(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"))
    assert api.post("/operator/accounts/1/restore", json={}).status_code == 401


def test_it_lists_every_account_once_over_pages(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(*(account(f"{n:03}") for n in range(25)))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "10"} | ({"cursor": cursor} if cursor else {})
        page = api.get("/v1/accounts", params=params).json()
        seen += [a["id"] for a in page["accounts"]]
        cursor = page["next_cursor"]
    assert seen == [f"{n:03}" for n in range(25)]


def test_it_suspends_and_restores(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"))
    suspended = act(api, "1", "a").json()
    assert suspended["changed"] is True
    assert suspended["account"]["state"] == "suspended"
    assert suspended["reversible_until"] is not None
    restored = act(api, "1", "b", action="restore", reason_code="decision").json()
    assert restored["account"]["state"] == "active"


def test_the_same_key_gives_the_same_answer_and_is_applied_once(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    sandbox.add(account("1"))
    first = act(api, "1", "a")
    sandbox.restore_without_asking("1")
    second = act(api, "1", "a")
    assert second.content == first.content
    assert second.headers["Idempotent-Replayed"] == "true"
    assert sandbox.state("1") == "active"
    assert sandbox.verbs_applied("1") == ["suspend"]


def test_one_key_sent_many_times_at_once_is_applied_once(sandbox: Sandbox) -> None:
    sandbox.add(account("1"))

    def send(_: int) -> str:
        with httpx.Client(
            base_url=sandbox.address,
            headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False,
        ) as client:
            return act(client, "1", "a").text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(send, range(16)))
    assert len(answers) == 1
    assert sandbox.verbs_applied("1") == ["suspend"]


@pytest.mark.parametrize("changes", [{"reference": "EN-2"}, {"action": "label"}])
def test_another_body_under_the_same_key_is_refused(
    sandbox: Sandbox, api: httpx.Client, changes: dict[str, str]
) -> None:
    sandbox.add(account("1"))
    act(api, "1", "a")
    answer = act(api, "1", "a", **changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")


def test_another_account_under_the_same_key_is_refused(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"), account("2"))
    act(api, "1", "a")
    assert act(api, "2", "a").json()["code"] == "key-reused"
    assert sandbox.state("2") == "active"


def test_a_restore_never_lifts_the_platforms_own_suspension(
    sandbox: Sandbox, api: httpx.Client
) -> None:
    sandbox.add(account("1", state="suspended_by_platform"))
    assert act(api, "1", "a").json()["account"]["state"] == "suspended"
    restored = act(api, "1", "b", action="restore", reason_code="decision").json()
    assert restored["account"]["state"] == "suspended_by_platform"


def test_a_restore_in_one_territory_lifts_nothing_else(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"))
    act(api, "1", "a", action="withhold", territory="DE")
    act(api, "1", "b", action="withhold", territory="FR")
    act(api, "1", "c", action="label")
    restored = act(api, "1", "d", action="restore", territory="DE").json()["account"]
    assert (restored["state"], restored["withheld_in"]) == ("withheld", ["FR"])
    assert restored["labelled"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "withhold"},
        {"territory": "DE"},
        {"action": "erase"},
        {"territory": "Germany", "action": "withhold"},
        {"reason_code": "because"},
        {"reference": "x" * 101},
        {"note": "more"},
        {"reference": 7},
    ],
)
def test_it_refuses_a_body_outside_the_contract(
    sandbox: Sandbox, api: httpx.Client, changes: dict[str, Any]
) -> None:
    sandbox.add(account("1"))
    answer = act(api, "1", "a", **changes)
    assert answer.status_code == 422
    assert sandbox.state("1") == "active"


def test_it_refuses_an_action_without_a_key(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"))
    assert api.post("/v1/accounts/1/actions", json=SUSPEND).status_code == 422
    assert sandbox.state("1") == "active"


def test_a_refused_request_uses_up_no_key(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"))
    act(api, "1", "a", action="erase")
    assert act(api, "1", "a").status_code == 200


def test_an_account_that_is_gone_takes_no_action(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1", state="gone"))
    answer = act(api, "1", "a")
    assert (answer.status_code, answer.json()["code"]) == (409, "account-gone")


def test_an_unknown_account_is_named_as_such(api: httpx.Client) -> None:
    answer = api.get("/v1/accounts/nobody")
    assert (answer.status_code, answer.json()["code"]) == (404, "account-not-found")


def test_ids_that_need_encoding_are_found(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("a/b ?ü", handle="odd"))
    assert api.get("/v1/accounts/a%2Fb%20%3F%C3%BC").json()["handle"] == "odd"


def test_a_batch_read_answers_for_every_id(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"), account("2", state="suspended"))
    answer = api.post("/v1/accounts/read", json={"ids": ["1", "2", "3"]}).json()
    assert {a["id"]: a["state"] for a in answer["accounts"]} == {"1": "active", "2": "suspended"}
    assert answer["missing"] == ["3"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"ids": []}', b'{"ids": [1]}'])
def test_a_broken_body_is_refused(api: httpx.Client, body: bytes) -> None:
    answer = api.post("/v1/accounts/read", content=body)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] == "invalid"


def test_a_dropped_answer_was_applied(sandbox: Sandbox, api: httpx.Client) -> None:
    sandbox.add(account("1"))
    sandbox.faults(dropped_actions=1)
    with pytest.raises(httpx.RemoteProtocolError):
        act(api, "1", "a")
    assert sandbox.state("1") == "suspended"
    assert act(api, "1", "a").headers["Idempotent-Replayed"] == "true"


def test_accounts_and_keys_outlive_a_restart(tmp_path: Path) -> None:
    answers = []
    for start in range(2):
        running = Sandbox(tmp_path / "sandbox.sqlite3")
        try:
            if start == 0:
                running.add(account("1"))
            with httpx.Client(
                base_url=running.address,
                headers={"Authorization": f"Bearer {TOKEN}"},
                trust_env=False,
            ) as client:
                answers.append(act(client, "1", "a").text)
        finally:
            running.stop()
    assert answers[0] == answers[1]
    assert json.loads(answers[0])["changed"] is True


def test_it_stops_cleanly_when_asked(tmp_path: Path) -> None:
    running = Sandbox(tmp_path / "sandbox.sqlite3")
    running.stop()
    assert running.process.returncode == 0


def test_it_needs_no_django() -> None:
    code = "import platforms.sandbox.__main__, sys; print('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_the_page_shows_names_as_text_and_restores_by_its_own_form(sandbox: Sandbox) -> None:
    sandbox.add(account("1", display_name="<b>Рамзан</b>", state="suspended"))
    page = sandbox.operator.get("/").text
    assert "&lt;b&gt;Рамзан&lt;/b&gt;" in page
    token = page.split('name="form_token" value="')[1].split('"')[0]
    refused = httpx.post(
        f"{sandbox.address}/operator/accounts/1/restore",
        data={"form_token": "guessed"},
        trust_env=False,
    )
    assert refused.status_code == 403
    assert sandbox.state("1") == "suspended"
    httpx.post(
        f"{sandbox.address}/operator/accounts/1/restore",
        data={"form_token": token},
        trust_env=False,
    )
    assert sandbox.state("1") == "active"
    assert [e["by"] for e in sandbox.events("1")] == ["operator"]
