"""Take away from a request whatever says where a visitor comes from, before Django sees it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

# What the program needs to answer. Whatever else a server or a proxy says about the visitor
# (address, browser, languages, the page before) is not passed on.
KEPT = frozenset(
    {
        "CONTENT_LENGTH",
        "CONTENT_TYPE",
        "HTTP_ACCEPT_ENCODING",
        "HTTP_COOKIE",
        "HTTP_HOST",
        "HTTP_ORIGIN",
        "HTTP_X_FORWARDED_PROTO",
        "PATH_INFO",
        "QUERY_STRING",
        "REQUEST_METHOD",
        "SCRIPT_NAME",
        "SERVER_NAME",
        "SERVER_PORT",
        "SERVER_PROTOCOL",
    }
)


def without_traces(application: "WSGIApplication") -> "WSGIApplication":
    """Wrap an application so that it never sees where a visitor comes from."""

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        kept = {
            name: value
            for name, value in environ.items()
            if name in KEPT or name.startswith("wsgi.")
        }
        return application(kept, start_response)

    return wrapped
