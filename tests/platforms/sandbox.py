"""The sandbox platform as tests use it: the real process, reached over real HTTP."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
TOKEN_ENV = "HOLDFAST_TEST_SANDBOX_TOKEN"
OPERATOR_TOKEN_ENV = "HOLDFAST_TEST_SANDBOX_OPERATOR_TOKEN"
TOKEN = "token-of-the-tests"
OPERATOR_TOKEN = "operator-token-of-the-tests"


def account(external_id: str, **fields: Any) -> dict[str, Any]:
    """One invented account, as the operator endpoint takes it."""
    return {"id": external_id, "handle": f"h{external_id}", "display_name": "Ann Example"} | fields


class Sandbox:
    """One running sandbox, and what its operator can do."""

    def __init__(self, database: Path, *arguments: str) -> None:
        environment = os.environ | {TOKEN_ENV: TOKEN, OPERATOR_TOKEN_ENV: OPERATOR_TOKEN}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "platforms.sandbox", "--port", "0"),
                *("--database", str(database), "--token-env", TOKEN_ENV),
                *("--operator-token-env", OPERATOR_TOKEN_ENV, *arguments),
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.search(r"http://[\d.]+:\d+", line)
        assert found, f"The sandbox did not start: {line!r}"
        self.address = found[0]
        self.operator = httpx.Client(
            base_url=self.address,
            headers={"Authorization": f"Bearer {OPERATOR_TOKEN}"},
            trust_env=False,
        )

    def stop(self) -> None:
        self.operator.close()
        self.process.terminate()
        self.process.wait(timeout=10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def add(self, *accounts: dict[str, Any]) -> None:
        self.operator.post("/operator/accounts", json={"accounts": accounts}).raise_for_status()

    def change(self, external_id: str, **changes: Any) -> None:
        answer = self.operator.patch(f"/operator/accounts/{external_id}", json=changes)
        answer.raise_for_status()

    def restore_without_asking(self, external_id: str) -> None:
        self.operator.post(f"/operator/accounts/{external_id}/restore", json={}).raise_for_status()

    def faults(self, **faults: Any) -> None:
        self.operator.put("/operator/faults", json=faults).raise_for_status()

    def events(self, external_id: str) -> list[dict[str, Any]]:
        answer = self.operator.get(f"/operator/accounts/{external_id}/events").raise_for_status()
        events: list[dict[str, Any]] = answer.json()["events"]
        return events

    def verbs_applied(self, external_id: str) -> list[str]:
        """What the API was asked to do to the account, in order, replays left out."""
        return [e["verb"] for e in self.events(external_id) if e["by"] == "api"]

    def state(self, external_id: str) -> str:
        answer = httpx.get(
            f"{self.address}/v1/accounts/{external_id}",
            headers={"Authorization": f"Bearer {TOKEN}"},
            trust_env=False,
        )
        state: str = answer.raise_for_status().json()["state"]
        return state
