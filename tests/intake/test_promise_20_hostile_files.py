"""Promise 20: polyglots, bombs and floods are refused inside limits; no scanner, no release."""

import io
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connections
from pytest_django.fixtures import Settings

from intake import terms
from intake.attachments import cleaning, confinement, sandbox, scanner
from intake.attachments.kinds import Kind
from intake.attachments.refused import Why
from intake.models import Attachment
from intake.receipts import Receipt
from intake.rotation import Folders
from tests.intake import corpus
from tests.intake.file_builders import attach, cleaned, finding_of, locks_held

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
CONFINED = "import sys; from intake.attachments.confinement import confine; confine()\n"


def with_archive(file: bytes) -> bytes:
    """A file that is an archive too: ZIP is read from its end."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("run.js", "alert(1)")
    return file + archive.getvalue()


def jpeg_that_claims(width: int, height: int) -> bytes:
    """A JPEG with another size in its header."""
    file = corpus.jpeg()
    frame = file.rindex(b"\xff\xc0") + 5
    return file[:frame] + struct.pack(">HH", height, width) + file[frame + 4 :]


def pdf_that_draws_a_flood() -> bytes:
    """A PDF of some kilobytes whose one picture would take gigabytes."""
    flood = corpus.png_that_claims(30_000, 30_000)
    data = flood[flood.index(b"IDAT") + 4 : flood.index(b"IEND") - 8]
    picture = corpus.pdf(inside=data)
    return picture.replace(b"/Width 48 /Height 32", b"/Width 30001 /Height 30000").replace(
        b"/DCTDecode", b"/FlateDecode"
    )


HOSTILE: dict[str, tuple[str, Callable[[], bytes], Why]] = {
    "picture and archive": ("a.jpg", lambda: with_archive(corpus.jpeg()), Why.TWO_KINDS),
    "pdf and archive": ("a.pdf", lambda: with_archive(corpus.pdf()), Why.TWO_KINDS),
    "picture and pdf": (
        "a.png",
        lambda: corpus.png()[:40] + b"%PDF-1.7 " + corpus.png()[40:],
        Why.TWO_KINDS,
    ),
    "bomb": ("a.png", lambda: corpus.png_that_claims(60_000, 60_000), Why.TOO_LARGE_INSIDE),
    "more pixels than allowed": (
        "a.png",
        lambda: corpus.png_that_claims(6_000, 6_000),
        Why.TOO_LARGE_INSIDE,
    ),
    "pixel flood": ("a.jpg", lambda: jpeg_that_claims(65_000, 65_000), Why.TOO_LARGE_INSIDE),
    "too many pages": ("a.pdf", lambda: corpus.pdf(terms.MOST_PAGES + 1), Why.TOO_MANY_PAGES),
    "cut off": ("a.jpg", lambda: corpus.jpeg()[:400], Why.BROKEN),
    "no pages": ("a.pdf", lambda: b"%PDF-1.7\nnothing", Why.BROKEN),
    "another encoding": ("a.txt", lambda: "Я".encode() * 600 + b"\xff", Why.NOT_UTF8),
    "another kind of picture": ("a.heic", lambda: b"\0\0\0\x1cftypheic" + b"\0" * 90, Why.BROKEN),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_a_hostile_file_is_refused_with_its_reason(receipt: Receipt, which: str) -> None:
    """Shown to fail by answering no in `has_second_nature`, and without the limit on pixels.

    The bomb and the flood meet the limit on memory besides.
    """
    name, made, why = HOSTILE[which]
    attachment = cleaned(attach(receipt, name, made()))
    assert attachment.state == Attachment.State.REFUSED
    assert finding_of(attachment).why == why
    assert attachment.cleaned == attachment.original == ""


def test_a_flood_inside_of_a_pdf_meets_the_limit_on_memory(receipt: Receipt) -> None:
    """Either the decoder notices, or its process dies, three times at most."""
    attachment = attach(receipt, "a.pdf", pdf_that_draws_a_flood())
    for _ in range(cleaning.MOST_TRIES + 1):
        cleaned(attachment)
    assert attachment.state != Attachment.State.WAITING


@pytest.mark.parametrize(
    "tried",
    [
        "open('/etc/hosts')",
        "open('/dev/shm/left', 'w')",
        "__import__('socket').socket()",
        "__import__('os').pipe()",
        "sys.stdout.write(str(len(bytearray(600_000_000))))",
    ],
)
def test_the_confined_process_opens_no_file_no_socket_and_no_memory(tried: str) -> None:
    """Shown to fail by leaving the limits out of `confine`."""
    script = CONFINED + f"try:\n    {tried}\nexcept (OSError, MemoryError): sys.exit(7)"
    ended = subprocess.run([sys.executable, "-c", script], cwd=django_settings.BASE_DIR)
    assert ended.returncode == 7


def test_a_file_that_computes_for_ever_is_stopped() -> None:
    """Shown to fail without the limit on computing time, within a second here."""
    script = (
        "from intake.attachments import confinement\nconfinement.CPU_SECONDS = 1\n"
        "confinement.confine()\nwhile True: pass"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=django_settings.BASE_DIR)
    assert ended.returncode < 0


def test_the_process_says_what_confines_it() -> None:
    said = sandbox.rebuild(Kind.TXT, b"text").confined_by
    assert f"AS {confinement.ADDRESS_SPACE_BYTES}" in said
    assert {"NOFILE 0", "FSIZE 0", "CORE 0", "no new privileges"} <= set(said)


def test_the_process_is_told_nothing_but_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shown to fail by passing the worker's environment on."""
    monkeypatch.setenv("DATABASE_URL", "postgres://canary")
    run = subprocess.run
    given: dict[str, object] = {}

    def watched(*args: object, **kwargs: object) -> object:
        given.update(kwargs, arguments=args)
        return run(*args, **kwargs)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "run", watched)
    sandbox.rebuild(Kind.TXT, b"vermilion")
    assert given["env"] == {}
    assert "vermilion" not in str(given["arguments"])


def test_a_process_that_is_killed_is_tried_again_and_not_for_ever(
    receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown to fail by counting a try after it."""
    attachment = attach(receipt, "a.txt", b"text")
    monkeypatch.setattr(sandbox, "PATIENCE_SECONDS", 0.001)
    for count in range(1, cleaning.MOST_TRIES + 1):
        assert cleaned(attachment).state == Attachment.State.WAITING
        assert attachment.tries == count
    assert cleaned(attachment).state == Attachment.State.REFUSED
    assert finding_of(attachment).why == Why.BEYOND_LIMITS
    assert locks_held() == 0


def test_a_file_that_another_worker_has_is_left_alone(receipt: Receipt) -> None:
    """Shown to fail by leaving the lock out."""
    attachment = attach(receipt, "a.txt", b"text")
    with cleaning._alone_with(attachment.pk):
        thread = threading.Thread(target=_clean_elsewhere, args=(attachment,))
        thread.start()
        thread.join()
    attachment.refresh_from_db()
    assert attachment.state == Attachment.State.WAITING
    assert cleaned(attachment).state == Attachment.State.CLEAN


def test_a_file_waits_while_its_key_is_not_here(receipt: Receipt, keys: Folders) -> None:
    attachment = attach(receipt, "a.txt", b"text")
    (private,) = keys.private.glob("*.json")
    elsewhere = private.rename(private.with_suffix(".away"))
    assert cleaned(attachment).state == Attachment.State.WAITING
    elsewhere.rename(private)
    assert cleaned(attachment).state == Attachment.State.CLEAN


def test_a_file_that_was_changed_on_the_disk_is_refused_and_kept(
    receipt: Receipt, media: Path
) -> None:
    attachment = attach(receipt, "a.txt", b"text")
    stored = media / attachment.original
    sealed = bytearray(stored.read_bytes())
    sealed[100] ^= 1
    stored.write_bytes(sealed)
    cleaned(attachment)
    assert attachment.state == Attachment.State.REFUSED
    assert finding_of(attachment).why == Why.CHANGED
    assert stored.exists()


@contextmanager
def clamd(answer: bytes) -> Iterator[str]:
    """A scanner that reads a stream by the protocol, and says what it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                while size := struct.unpack(">I", stream.read(4))[0]:
                    stream.read(size)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"tcp:127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def test_a_scanner_that_is_down_releases_nothing(receipt: Receipt, settings: Settings) -> None:
    """Shown to fail by passing over `ScannerDown`."""
    attachment = attach(receipt, "a.txt", b"text")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings.INTAKE_CLAMD = f"tcp:127.0.0.1:{taken.getsockname()[1]}"
        for _ in range(cleaning.MOST_TRIES + 2):
            assert cleaned(attachment).state == Attachment.State.WAITING
    for answer in (b"", b"INSTREAM size limit exceeded. ERROR\0"):
        with clamd(answer) as settings.INTAKE_CLAMD:
            assert cleaned(attachment).state == Attachment.State.WAITING
    with clamd(b"stream: OK\0") as settings.INTAKE_CLAMD:
        assert cleaned(attachment).state == Attachment.State.CLEAN


def test_malware_is_refused(receipt: Receipt, settings: Settings) -> None:
    attachment = attach(receipt, "a.txt", b"text" * 40_000)
    with clamd(b"stream: Eicar-Signature FOUND\0") as settings.INTAKE_CLAMD:
        assert cleaned(attachment).state == Attachment.State.REFUSED
    assert finding_of(attachment).why == Why.MALWARE


def test_a_scanner_on_a_socket_is_asked_too(tmp_path: Path, settings: Settings) -> None:
    settings.INTAKE_CLAMD = f"unix:{tmp_path / 'nobody-listens'}"
    with pytest.raises(scanner.ScannerDown):
        scanner.scan(b"text")


def _clean_elsewhere(attachment: Attachment) -> None:
    cleaning.clean(file=attachment.pk)
    connections.close_all()
