"""Production does not start with what a demo may do without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "DATABASE_URL": "postgres://desk@localhost/holdfast",
    "DATABASE_OWNER_URL": "postgres://owner@localhost/holdfast",
    "CELERY_BROKER_URL": "redis://localhost",
    "ALLOWED_HOSTS": "desk.example",
    "SECRET_KEY": "a-key-of-these-tests-that-is-long-enough-for-production",
    "INTAKE_PUBLIC_KEYS": "/srv/holdfast/public-keys",
    "INTAKE_PRIVATE_KEYS": "/srv/holdfast/private-keys",
}


def start(**changes: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in COMPLETE}
    return subprocess.run(
        [sys.executable, "-c", "import config.settings.production"],
        cwd=ROOT,
        env=kept | COMPLETE | changes,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_with_everything_set() -> None:
    started = start()
    assert started.returncode == 0, started.stderr


@pytest.mark.parametrize("missing", ["INTAKE_PUBLIC_KEYS", "INTAKE_PRIVATE_KEYS"])
def test_it_refuses_to_guess_where_the_keys_of_reports_are(missing: str) -> None:
    """Shown to fail by leaving the check out: the keys would lie beside the code."""
    started = start(**{missing: ""})
    assert started.returncode != 0
    assert f"Set {missing}" in started.stderr


def test_it_refuses_one_directory_for_both_halves() -> None:
    started = start(INTAKE_PRIVATE_KEYS=COMPLETE["INTAKE_PUBLIC_KEYS"])
    assert started.returncode != 0
    assert "are one directory" in started.stderr
