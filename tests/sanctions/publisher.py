"""A publisher's site as tests use it: a real server on this machine."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Publisher:
    """A publisher's site. `answers` maps a path to what is done there."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.statuses: list[int] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.answers[self.path](self)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                publisher.statuses.append(int(code))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def serve(self, path: str, data: bytes, *, etag: str = "") -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            if etag and request.headers.get("If-None-Match") == etag:
                request.send_response(304)
                request.end_headers()
                return
            request.send_response(200)
            request.send_header("Content-Length", str(len(data)))
            if etag:
                request.send_header("ETag", etag)
            request.end_headers()
            request.wfile.write(data)

        self.answers[path] = answer

    def redirect(self, path: str, location: str) -> None:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(302)
            request.send_header("Location", location)
            request.end_headers()

        self.answers[path] = answer

    def fail(self, path: str) -> None:
        self.answers[path] = lambda request: request.send_error(503)
