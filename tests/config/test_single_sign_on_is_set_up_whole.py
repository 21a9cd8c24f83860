"""Single sign-on by environment variables: all of them or none, and over https in production."""

import os
import subprocess
import sys
from pathlib import Path

from tests.config.test_production_refuses import COMPLETE

PRINT = "from django.conf import settings; print(repr(settings.OIDC_CLIENT_SECRET))"
PROVIDER = {"OIDC_SERVER_URL": "https://id.example.org", "OIDC_CLIENT_ID": "holdfast"}


def started(**variables: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", PRINT],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.dev", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_provider_without_the_clients_secret_is_refused_at_the_start() -> None:
    assert "OIDC_CLIENT_SECRET_FILE" in started(**PROVIDER).stderr


def test_the_secret_is_read_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("kept apart\n")
    found = started(**PROVIDER, OIDC_CLIENT_SECRET_FILE=str(secret))
    assert found.stdout.strip() == "'kept apart'"


def test_production_takes_no_provider_over_plain_http() -> None:
    found = started(
        **{**PROVIDER, "OIDC_SERVER_URL": "http://id.example.org"},
        OIDC_CLIENT_SECRET="kept apart",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        **COMPLETE,
    )
    assert "must begin with https://" in found.stderr
