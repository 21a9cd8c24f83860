"""A fresh clone, and one command: services start and tables appear by themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_a_list_is_synced_where_nothing_ever_ran(empty_state: Path) -> None:
    sample = REPOSITORY / "sanctions" / "samples" / "ofac_sdn_1_before.xml"
    given = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"}
    }

    result = subprocess.run(
        [sys.executable, "manage.py", "sync_list", "ofac-sdn", "--from", str(sample), "--json"],
        cwd=REPOSITORY,
        env=given | {"DJANGO_SETTINGS_MODULE": "config.settings.dev"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["added"] == 22
    assert (empty_state / "media").exists()
