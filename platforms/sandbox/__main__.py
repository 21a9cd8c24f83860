"""Run the sandbox platform: see README.md beside this file."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from platforms.sandbox.server import SandboxServer
from platforms.sandbox.store import Store

SAMPLE = Path(__file__).with_name("accounts.jsonl")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m platforms.sandbox", description="Run the sandbox platform."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8710, help="port to listen on, 0 for any")
    parser.add_argument("--database", type=Path, required=True, help="SQLite file, made if absent")
    parser.add_argument("--name", default="Lumen", help="what the platform calls itself")
    token = parser.add_mutually_exclusive_group(required=True)
    token.add_argument("--token-env", help="environment variable that holds the API token")
    token.add_argument("--token-file", type=Path, help="file that holds the API token")
    operator = parser.add_mutually_exclusive_group()
    operator.add_argument("--operator-token-env", help="environment variable, operator token")
    operator.add_argument("--operator-token-file", type=Path, help="file, operator token")
    parser.add_argument(
        "--sample", action="store_true", help="add the sample accounts when there are none"
    )
    return parser.parse_args()


def _secret(env: str | None, file: Path | None) -> str:
    if env is None and file is None:
        return ""
    value = os.environ.get(env, "") if env is not None else _text_of(file)
    if not value.strip():
        sys.exit(f"No token in {env or file}.")
    return value.strip()


def _text_of(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8") if file is not None else ""
    except OSError as error:
        sys.exit(f"The token file cannot be read: {error}.")


def main() -> None:
    given = _arguments()
    token = _secret(given.token_env, given.token_file)
    operator_token = _secret(given.operator_token_env, given.operator_token_file)
    store = Store(given.database)
    if given.sample and store.is_empty():
        lines = SAMPLE.read_text(encoding="utf-8").splitlines()
        store.add([json.loads(line) for line in lines])
    try:
        server = SandboxServer(
            (given.host, given.port),
            name=given.name,
            store=store,
            token=token,
            operator_token=operator_token,
        )
    except OSError as error:
        sys.exit(f"Cannot listen on {given.host}:{given.port}: {error}.")

    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for the loop that this very thread runs, hence another thread.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    port = server.server_address[1]
    sys.stdout.write(f"Sandbox platform {given.name} on http://{given.host}:{port}/\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.server_close()
    store.close()


if __name__ == "__main__":
    main()
