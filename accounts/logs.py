"""Links that let somebody in are secrets, and so is what the provider of single sign-on sends back.

The log gets the name of their page alone.
"""

import logging
import re
from typing import Any

_SECRET_PART = re.compile(r"(/accounts/(?:invitations/|resets/|sso/callback/\?))[^/\s'\"]+")


class HideLinks(logging.Filter):
    """Cut the token out of every path that carries one, whoever wrote the line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _without_tokens(record.msg)
        record.args = _without_tokens(record.args)
        return True


def _without_tokens(written: Any) -> Any:
    if isinstance(written, str):
        return _SECRET_PART.sub(r"\1[hidden]", written)
    if isinstance(written, dict):
        return {name: _without_tokens(value) for name, value in written.items()}
    if isinstance(written, tuple):
        return tuple(_without_tokens(value) for value in written)
    return written
