"""Promise 18: no byte of a file is written in the clear, not even of an upload that was cut off."""

import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake import retention
from intake.attachments import store, sweeping
from intake.models import Attachment, ZoneSession
from tests.intake.attacker import dump
from tests.intake.zone import HOST, Reporter, Zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CANARY = b"vermilion canary inside of a file "
FILE = CANARY * (5 * 1024 * 1024 // len(CANARY))
BOUNDARY = b"cut-here"


def upload(
    reporter: Reporter, path: str = "/en/form/", content: bytes = FILE
) -> tuple[bytes, bytes]:
    """Head and body of a form that carries a file, as a browser would send it."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', reporter.page).group(1)
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (BOUNDARY, name.encode(), value.encode())
        for name, value in {"csrfmiddlewaretoken": token, "step": "files", "add": "1"}.items()
    )
    body += (
        b'--%s\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n%s\r\n--%s--\r\n" % (BOUNDARY, content, BOUNDARY)
    )
    cookies = "; ".join(f"{name}={value}" for name, value in reporter.cookies.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nOrigin: http://{HOST}\r\n"
        f"Cookie: {cookies}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n\r\n"
    )
    return head.encode(), body


@contextmanager
def sending(zone: Zone, head: bytes, body: bytes) -> Iterator[list[str]]:
    """Send slowly, and look at the disk meanwhile. Yields where the canary was seen."""
    seen: list[str] = []
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(zone.socket))
        connection.settimeout(20)
        connection.sendall(head)
        for start in range(0, len(body), 512 * 1024):
            connection.sendall(body[start : start + 512 * 1024])
            time.sleep(0.02)
            seen += files_with_the_canary(zone)
        yield seen
        seen += files_with_the_canary(zone)


def files_with_the_canary(zone: Zone) -> list[str]:
    """Every file of the zone's temporary and media directories, or open, deleted ones included."""
    paths = [
        os.path.join(folder, name)
        for place in (zone.directory, store.directory())
        for folder, _, names in os.walk(place)
        for name in names
        if not Path(folder, name).is_socket()
    ]
    main = Path(f"/proc/{zone.process.pid}")
    if main.exists():  # on Linux, where a deleted file can still be seen by who has it open
        workers = (main / "task" / main.name / "children").read_text().split()
        for process in (main.name, *workers):
            paths += [str(path) for path in Path(f"/proc/{process}/fd").iterdir()]
    return [path for path in paths if _holds_the_canary(Path(path))]


def stored() -> list[Path]:
    return list(store.directory().iterdir())


def test_a_whole_upload_leaves_ciphertext_and_nothing_else(zone: Zone, reporter: Reporter) -> None:
    """Shown to fail by a `Sealer` that writes its chunks as they are, and by Django's handlers."""
    reporter.ask_for_files()
    with sending(zone, *upload(reporter)) as seen:
        wait_until(lambda: Attachment.objects.exists())
    assert seen == []
    assert len(stored()) == 1
    assert CANARY not in dump()
    assert CANARY not in zone.log.read_bytes()


@pytest.mark.parametrize("share", [0.3, 0.95])
def test_an_upload_that_is_cut_off_leaves_nothing_at_all(
    zone: Zone, reporter: Reporter, share: float
) -> None:
    """Shown to fail by leaving `KeepNoStrayFile` out of the settings: ciphertext stayed."""
    reporter.ask_for_files()
    head, body = upload(reporter)
    with sending(zone, head, body[: int(len(body) * share)]) as seen:
        wait_until(stored)
    wait_until(lambda: not stored())
    assert seen == []
    assert not Attachment.objects.exists()


def test_a_file_is_refused_at_its_first_byte_where_none_is_asked_for(
    zone: Zone, reporter: Reporter
) -> None:
    """Shown to fail by leaving `_takes_files` out of the upload handler."""
    reporter.ask_for_files()
    head, body = upload(reporter, "/en/about/", FILE * 4)
    with pytest.raises(OSError), sending(zone, head, body):  # noqa: PT011  any hang-up
        pass
    assert stored() == []


def test_a_file_behind_a_forged_form_is_removed(reporter: Reporter) -> None:
    """Files are read before the token is checked. Shown to fail without `KeepNoStrayFile`."""
    reporter.ask_for_files()
    reporter.page = ""
    assert reporter.add_file("a.txt", b"forged").status_code == 403
    assert stored() == []


def test_what_a_killed_process_left_is_swept(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail by a sweep that goes by the rounded time."""
    reporter.ask_for_files()
    reporter.add_file("a.txt", b"kept", add="1")
    left = store.Unfinished()
    left.write(b"ciphertext of an upload that nobody ended")
    left.complete()
    assert sweeping.sweep_files() == 0
    monkeypatch.setattr(store, "ARRIVING_SECONDS", -1)
    assert sweeping.sweep_files() == 1
    assert [path.name for path in stored()] == [Attachment.objects.get().original]


def test_files_of_an_abandoned_form_go_with_its_session(
    reporter: Reporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail by leaving the cascade out of the migration."""
    reporter.ask_for_files()
    reporter.add_file("a.txt", b"never sent", add="1")
    ZoneSession.objects.using("owner").update(ends_at="2020-01-01T00:00Z")
    retention.sweep_traces()
    assert not Attachment.objects.exists()
    monkeypatch.setattr(store, "ARRIVING_SECONDS", -1)
    assert sweeping.sweep_files() == 1
    assert stored() == []


def test_leaving_destroys_what_was_added_at_once(reporter: Reporter) -> None:
    reporter.ask_for_files()
    reporter.add_file("a.txt", b"never sent", add="1")
    assert len(stored()) == 1
    reporter.get("/leave/")
    assert stored() == []


def wait_until(so: Callable[[], object]) -> None:
    """Wait for another process, and fail after ten seconds."""
    for _ in range(500):
        if so():
            return
        time.sleep(0.02)
    raise AssertionError("It did not happen.")


def _holds_the_canary(path: Path) -> bool:
    try:
        return path.is_file() and CANARY in path.read_bytes()
    except OSError:
        return False
