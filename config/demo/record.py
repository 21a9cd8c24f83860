"""What a running demo leaves for others to find it by: addresses, tokens, sign-ins."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from config.embedded.state import locate


@dataclass(frozen=True, slots=True)
class DemoRecord:
    """Kept in one file that only its owner reads, below the state directory."""

    web_url: str
    sandbox_url: str
    intake_url: str
    connector_token_file: str
    operator_token_file: str
    password: str

    def save(self) -> None:
        path = record_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)

    @classmethod
    def load(cls) -> "DemoRecord | None":
        """Return the record of the last demo. None if there was none that this version knows."""
        try:
            return cls(**json.loads(record_path().read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def operator_token(self) -> str:
        return Path(self.operator_token_file).read_text(encoding="utf-8").strip()


def demo_directory() -> Path:
    return locate().state / "demo"


def record_path() -> Path:
    return demo_directory() / "running.json"
