"""Why a download is refused as a list. The code is stored; the message is for a person."""

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes of a refusal. Sync stores them on the quarantined list version."""

    EMPTY = "empty"
    TRUNCATED = "truncated"
    HTML = "html"
    ENCODING = "encoding"
    UNKNOWN_LAYOUT = "unknown_layout"
    UNKNOWN_NAMESPACE = "unknown_namespace"
    ENTITIES_FORBIDDEN = "entities_forbidden"
    DUPLICATE_KEY = "duplicate_key"
    COUNT_MISMATCH = "count_mismatch"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    ARCHIVE = "archive"
    MISSING_FILE = "missing_file"


class ListRefused(Exception):
    """The bytes are not a list we can trust, so nothing of them is applied."""

    def __init__(self, reason_code: Reason, message: str) -> None:
        super().__init__(message)
        self.reason_code = reason_code
        self.message = message
