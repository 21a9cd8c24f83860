"""Promise 17: a visitor's address, browser and languages are in no log, database or file."""

import os
from pathlib import Path

import pytest

from intake.traces import KEPT, without_traces
from tests.intake.attacker import dump, found
from tests.intake.zone import Reporter, Zone

CANARIES = {
    "X-Forwarded-For": "203.0.113.42",
    "X-Real-IP": "203.0.113.43",
    "Forwarded": "for=203.0.113.44",
    "CF-Connecting-IP": "203.0.113.45",
    "User-Agent": "CanaryBrowser/7.1",
    "Accept-Language": "ce-CANARY",
    "Referer": "http://canary-of-the-page-before.example/",
    "X-Anything-New": "canary-of-a-new-header",
}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_no_trace_of_a_visitor_is_anywhere(zone: Zone, reporter: Reporter) -> None:
    """Shown to fail by giving the zone's log Django's own format and level: a path is in it.

    Errors are forced too: a path that is not there, a form without its token, a body too large.
    """
    reporter.headers = CANARIES
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    reporter.get("/nowhere/canary-of-a-path/?q=canary-of-a-query")
    reporter.page = ""
    reporter.post("/en/form/", step="narrative", narrative="canary of a refused form")
    reporter.post("/en/form/", step="narrative", narrative="canary " * 1_000_000)

    log = zone.log.read_bytes()
    temporary = b"".join(
        Path(folder, name).read_bytes()
        for folder, _, names in os.walk(zone.temporary)
        for name in names
    )
    stolen = dump()
    said = [*CANARIES.values(), "canary-of-a-path", "canary-of-a-query", "canary of a refused"]
    for canary in said:
        assert not found(canary, stolen + log + temporary), canary


def test_only_named_headers_reach_the_program() -> None:
    """Shown to fail by removing named headers instead of keeping named ones."""
    seen: dict[str, object] = {}

    def application(environ: dict[str, object], start_response: object) -> list[bytes]:
        seen.update(environ)
        return []

    environ: dict[str, object] = {
        "REMOTE_ADDR": "203.0.113.42",
        "REMOTE_PORT": "5",
        "HTTP_USER_AGENT": "x",
        "HTTP_TRUE_CLIENT_IP": "203.0.113.42",
        "HTTP_SEC_CH_UA": "x",
        "gunicorn.socket": object(),
        "HTTP_COOKIE": "kept",
        "wsgi.input": object(),
    }
    without_traces(application)(environ, None)  # type: ignore[arg-type]  the wrapped one is a stand-in
    assert set(seen) == {"HTTP_COOKIE", "wsgi.input"}
    assert not {name for name in KEPT if "AGENT" in name or "LANGUAGE" in name or "ADDR" in name}
