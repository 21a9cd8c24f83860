"""Get the bytes of a list and keep them, whatever is thought of them later.

Each download lies in a folder of the media store named after its SHA-256, so the same bytes are
kept once and a version can be read again years later.
"""

import hashlib
import ipaddress
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx
from django.conf import settings

from sanctions.models import Source
from sanctions.refusals import ListUnavailable

MAX_DOWNLOAD_BYTES = 200 * 1024 * 1024
MAX_REDIRECTS = 5
CHUNK_BYTES = 1024 * 1024
TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Acquired:
    """The kept files of one download. `raw_path` is their folder below the media root."""

    paths: tuple[Path, ...]
    raw_path: str
    sha256: str
    size_bytes: int
    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class _Validators:
    etag: str = ""
    last_modified: str = ""

    def request_headers(self) -> dict[str, str]:
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


def acquire(*, source: Source, origins: Sequence[str]) -> Acquired | None:
    """Fetch or copy each file of a list and keep it. None: the publisher says nothing changed.

    `origins` are paths or addresses. The source's own addresses are asked conditionally, by the
    validators of its last accepted download. Raises `ListUnavailable`.
    """
    is_conditional = len(origins) == 1 and list(origins) == source.urls
    known = _Validators(source.etag, source.last_modified) if is_conditional else _Validators()
    found = _Validators()
    with _incoming_folder(source) as incoming:
        digests = []
        size_bytes = 0
        for number, origin in enumerate(origins, start=1):
            target = incoming / f"{number}-{_file_name(origin)}"
            if _is_address(origin):
                answer = _download(source, origin, target, known)
                if answer is None:
                    return None
                found = answer
            else:
                _copy(Path(origin), target)
            with target.open("rb") as kept:
                digests.append(hashlib.file_digest(kept, "sha256").hexdigest())
            size_bytes += target.stat().st_size
        sha256 = _combined(digests)
        folder = _keep(source, incoming, sha256)
    return Acquired(
        paths=tuple(sorted(folder.iterdir())),
        raw_path=str(folder.relative_to(settings.MEDIA_ROOT)),
        sha256=sha256,
        size_bytes=size_bytes,
        etag=found.etag if is_conditional else "",
        last_modified=found.last_modified if is_conditional else "",
    )


def _combined(digests: list[str]) -> str:
    """One file's own SHA-256. Of several, the SHA-256 of theirs, sorted, one a line."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


@contextmanager
def _incoming_folder(source: Source) -> Iterator[Path]:
    lists = Path(settings.MEDIA_ROOT) / "lists" / source.slug
    lists.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=lists, prefix=".incoming-") as name:
        folder = Path(name) / "files"
        folder.mkdir()
        yield folder


def _keep(source: Source, incoming: Path, sha256: str) -> Path:
    folder = Path(settings.MEDIA_ROOT) / "lists" / source.slug / sha256
    try:
        incoming.rename(folder)
    except OSError:
        # The same bytes are there from an earlier sync. Anything else is a real fault.
        if not folder.is_dir():
            raise
    return folder


def _is_address(origin: str) -> bool:
    return origin.startswith(("http://", "https://"))


def _file_name(origin: str) -> str:
    name = httpx.URL(origin).path if _is_address(origin) else origin
    return re.sub(r"[^A-Za-z0-9._-]", "_", Path(name).name)[:120] or "list"


def _copy(path: Path, target: Path) -> None:
    try:
        if path.stat().st_size > MAX_DOWNLOAD_BYTES:
            raise _too_large(path.name)
        shutil.copyfile(path, target)
    except FileNotFoundError:
        raise ListUnavailable(f"There is no file {path}.") from None
    except OSError as error:
        raise ListUnavailable(f"{path} cannot be read: {error.strerror}.") from None


def _too_large(name: str) -> ListUnavailable:
    return ListUnavailable(
        f"{name} is larger than {MAX_DOWNLOAD_BYTES // 1_000_000} MB. No list is that large."
    )


def _download(source: Source, address: str, target: Path, known: _Validators) -> _Validators | None:
    with ExitStack() as stack:
        try:
            response = _follow(stack, source, httpx.URL(address), known)
            if response.status_code == httpx.codes.NOT_MODIFIED:
                return None
            if response.status_code != httpx.codes.OK:
                raise ListUnavailable(
                    f"{response.url.host} answered {response.status_code} instead of a list."
                )
            with target.open("wb") as file:
                _write_bounded(response, file)
        except httpx.HTTPError as error:
            raise ListUnavailable(
                f"{httpx.URL(address).host} could not be read: {error or type(error).__name__}."
            ) from error
        return _Validators(
            etag=response.headers.get("ETag", "")[:255],
            last_modified=response.headers.get("Last-Modified", "")[:80],
        )


def _write_bounded(response: httpx.Response, file: BinaryIO) -> None:
    written = 0
    for chunk in response.iter_bytes(CHUNK_BYTES):
        written += len(chunk)
        if written > MAX_DOWNLOAD_BYTES:
            raise _too_large(response.url.host)
        file.write(chunk)


def _follow(
    stack: ExitStack, source: Source, address: httpx.URL, known: _Validators
) -> httpx.Response:
    """The answer behind at most five redirects, each to a host that the source allows."""
    client = stack.enter_context(httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False))
    allowed = [*source.allowed_hosts, address.host]
    for _ in range(MAX_REDIRECTS + 1):
        if not _is_allowed(address, allowed):
            raise ListUnavailable(
                f"The download leads to {address.scheme}://{address.host}, which is not among the "
                f"hosts allowed for {source.name}."
            )
        response = stack.enter_context(
            client.stream("GET", address, headers=known.request_headers())
        )
        if response.next_request is None:
            return response
        address = response.next_request.url
    raise ListUnavailable(f"The download of {source.name} was redirected too often.")


def _is_allowed(address: httpx.URL, allowed: Sequence[str]) -> bool:
    if address.scheme != "https" and not _is_loopback(address.host):
        return False
    return any(
        address.host.endswith(host) if host.startswith(".") else address.host == host
        for host in allowed
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
