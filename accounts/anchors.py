"""Anchors: one line a day that says where the chain ended, kept where this database cannot reach.

Whoever cuts off the newest events leaves a chain that still holds. Only somebody who remembers
its old end can tell. The anchor is that memory: append it to a file on another machine, or read
it from the log that leaves this one.
"""

import json
from dataclasses import asdict
from pathlib import Path

import structlog

from accounts.verification import Anchor, latest_anchor

log = structlog.get_logger(__name__)


def export(path: Path | None) -> Anchor | None:
    """Write the end of the chain to the log, and append it to the file where one is given."""
    anchor = latest_anchor()
    if anchor is None:
        return None
    log.warning("audit_anchor", **asdict(anchor))
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(anchor)) + "\n")
    return anchor


def read(path: Path) -> list[Anchor]:
    """Read back the anchors of a file, one JSON object a line."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Anchor(**json.loads(line)) for line in lines if line.strip()]
