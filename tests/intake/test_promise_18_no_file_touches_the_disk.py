"""Promise 18: no byte of a file is written in the clear, not even of an upload that was cut off.

Files are not taken yet, so the zone refuses them; a form that sends one all the same leaves
nothing behind.
"""

import os
import re
import socket
import time
from pathlib import Path

import pytest

from tests.intake.attacker import dump
from tests.intake.zone import HOST, Reporter, Zone

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CANARY = b"vermilion canary inside of a file "
FILE = CANARY * (5 * 1024 * 1024 // len(CANARY))
BOUNDARY = b"cut-here"


def upload(reporter: Reporter) -> tuple[bytes, bytes]:
    """Head and body of a form that carries a file, as a browser would send it."""
    reporter.get("/en/form/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', reporter.page).group(1)
    fields = {"csrfmiddlewaretoken": token, "step": "narrative", "narrative": "See the file"}
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        % (BOUNDARY, name.encode(), value.encode())
        for name, value in fields.items()
    )
    body += (
        b'--%s\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n%s\r\n--%s--\r\n" % (BOUNDARY, FILE, BOUNDARY)
    )
    cookies = "; ".join(f"{name}={value}" for name, value in reporter.cookies.items())
    head = (
        f"POST /en/form/ HTTP/1.1\r\nHost: {HOST}\r\nOrigin: http://{HOST}\r\n"
        f"Cookie: {cookies}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: multipart/form-data; boundary={BOUNDARY.decode()}\r\n\r\n"
    )
    return head.encode(), body


def files_with_the_canary(zone: Zone) -> list[str]:
    """Every file the zone has below its temporary directory, or open, deleted ones included."""
    paths = [
        os.path.join(folder, name)
        for folder, _, names in os.walk(zone.directory)
        for name in names
        if not Path(folder, name).is_socket()
    ]
    main = Path(f"/proc/{zone.process.pid}")
    if main.exists():  # on Linux, where a deleted file can still be seen by who has it open
        workers = (main / "task" / main.name / "children").read_text().split()
        for process in (main.name, *workers):
            paths += [str(path) for path in Path(f"/proc/{process}/fd").iterdir()]
    return [path for path in paths if _holds_the_canary(Path(path))]


@pytest.mark.parametrize("share", [1.0, 0.6], ids=["whole", "cut off"])
def test_an_upload_leaves_no_clear_byte(zone: Zone, reporter: Reporter, share: float) -> None:
    """Shown to fail by leaving `FILE_UPLOAD_HANDLERS` at Django's own."""
    head, body = upload(reporter)
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(zone.socket))
        connection.settimeout(20)
        seen: list[str] = []
        try:
            connection.sendall(head)
            for start in range(0, int(len(body) * share), 512 * 1024):
                connection.sendall(body[start : start + 512 * 1024])
                time.sleep(0.05)
                seen += files_with_the_canary(zone)
        except OSError:
            # The zone hung up at the first byte of the file, which is what it should do.
            pass
        seen += files_with_the_canary(zone)
    assert seen == []
    assert CANARY not in dump()
    assert CANARY not in zone.log.read_bytes()


def _holds_the_canary(path: Path) -> bool:
    try:
        return path.is_file() and CANARY in path.read_bytes()
    except OSError:
        return False
