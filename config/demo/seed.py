"""Fill an empty desk for the demo, through the same functions as real use."""

import secrets
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from accounts.actors import SEEDER
from cases import pipeline
from config.demo.people import ensure_cast
from config.demo.vault import open_vault
from platforms.models import Platform
from platforms.profiles import pull
from sanctions.models import ListVersion, Source
from sanctions.sync import sync

SAMPLES = Path(settings.BASE_DIR) / "sanctions" / "samples"
FIRST_LIST = SAMPLES / "ofac_sdn_1_before.xml"

# High reach is read every five seconds, so that a play does not wait for the usual twenty.
DEMO_CADENCE_SECONDS = 5


def ensure_token(path: Path) -> Path:
    """Create a random token in a file only its owner reads, unless it is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return path


def sample_source() -> Source:
    """Return the source of the bundled sample.

    It is not the official one: on a desk that also syncs the real list, a sample of two
    dozen entries would rightly be quarantined as a list that shrank.
    """
    source, _ = Source.objects.get_or_create(
        slug="ofac-sample",
        defaults={
            "name": "OFAC sample of the demo",
            "short_name": "OFAC",
            "publisher": "Written for the demo from the public record",
        },
    )
    return source


def seed(*, sandbox_url: str, token_file: Path, password: str, say: Callable[[str], None]) -> None:
    """Bring people, lists, the sandbox platform, its profiles and the cases they open."""
    say("People and roles")
    ensure_cast(password)

    say("Custodians, and the key for legal holds")
    open_vault(password)

    say("Sanctions lists")
    source = sample_source()
    if not ListVersion.objects.accepted().filter(source=source).exists():
        sync(actor=SEEDER, source=source, origins=[str(FIRST_LIST)])

    say("Profiles of the sandbox platform")
    platform, _ = Platform.objects.update_or_create(
        slug="lumen",
        defaults={
            "name": "Lumen",
            "kind": "photo",
            "connector": "holdfast_http",
            "base_url": sandbox_url,
            "token_reference": f"file:{token_file}",
            "high_reach_cadence_seconds": DEMO_CADENCE_SECONDS,
            "pull_cadence_minutes": 1,
        },
    )
    pull(actor=SEEDER, platform=platform)

    say("Screening, and the cases it opens")
    pipeline.sweep(actor=SEEDER)
