"""Why no clean copy of a file was made. This module imports no Django."""

from enum import StrEnum


class Why(StrEnum):
    """What a file was found to be when its clean copy was made."""

    BROKEN = "broken"
    TWO_KINDS = "two_kinds"
    TOO_LARGE_INSIDE = "too_large_inside"
    TOO_MANY_PAGES = "too_many_pages"
    LOCKED = "locked"
    NOT_UTF8 = "not_utf8"
    NOT_CLEAN = "not_clean"
    MALWARE = "malware"
    CHANGED = "changed"
    BEYOND_LIMITS = "beyond_limits"


class Refused(Exception):
    """A file that no clean copy is made of."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why
