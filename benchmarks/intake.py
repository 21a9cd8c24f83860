"""What confidential reports cost: sending one, cleaning a file, moving all keys to a new epoch.

The zone runs as a process of its own, under its own role of the database. While reports are
sent, somebody at the desk keeps opening pages and reports.
"""

import io
import secrets
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from django.db import connections
from django.test import Client, override_settings
from PIL import Image

from accounts.actors import COMMAND_LINE
from accounts.models import RoleGrant, User
from accounts.roles import Role
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale, at_least, at_most, percentile
from benchmarks.reporter import Reporter, zone
from intake import access, envelopes, epochs, reading, rotation
from intake.attachments import sandbox
from intake.attachments.kinds import Kind
from intake.models import KeyWrap, Report
from intake.rotation import Folders
from intake.submission import wrap_place

SUBMISSION_MS = 300
REPORTS_PER_MINUTE = 50
PICTURE_SECONDS = 3
PDF_SECONDS = 20
PDF_PAGES = 20
MEMORY_MB = 512
ROWS_AT_ONCE = 2_000
Result = TypeVar("Result")
TWELVE_MEGAPIXELS = (4000, 3000)
A4_AT_150_DOTS = (1240, 1754)


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database(), _keys() as folders:
        sent = _sending(scale, say, folders)
        cleaned = _cleaning(say)
        moved = _rotating(scale, say, folders)
    return [*sent, *cleaned, *moved]


@contextmanager
def _keys() -> Iterator[Folders]:
    with tempfile.TemporaryDirectory(prefix="holdfast-intake-") as base:
        folders = Folders(public=Path(base) / "public", private=Path(base) / "private")
        with override_settings(
            INTAKE_PUBLIC_KEYS=folders.public,
            INTAKE_PRIVATE_KEYS=folders.private,
            INTAKE_MEDIA=Path(base) / "files",
        ):
            rotation.begin_first(actor=COMMAND_LINE, folders=folders)
            yield folders


def _sending(scale: Scale, say: Say, folders: Folders) -> list[Figure]:
    say(f"sending {scale.submissions} reports beside a desk in use")
    with zone(folders.public, folders.public.parent / "files") as address, _desk_in_use() as desk:
        Reporter(address).report()
        began = time.perf_counter()
        times = [Reporter(address).report() for _ in range(scale.submissions)]
        minutes = (time.perf_counter() - began) / 60
    assert Report.objects.count() == scale.submissions + 1
    return [
        at_most(
            "a report without files, sealed and stored, p95",
            percentile(times, 0.95),
            "ms",
            SUBMISSION_MS,
            note=f"median {percentile(times, 0.5):.0f} ms, without the proof of work",
        ),
        at_least(
            "reports a minute, one after the other",
            scale.submissions / minutes,
            "",
            REPORTS_PER_MINUTE,
            note=f"13 requests each; {desk.pages:,} pages of the desk meanwhile",
        ),
    ]


class _Desk:
    """A coordinator who claims, opens and lists reports without a pause."""

    def __init__(self) -> None:
        self.pages = 0
        self.user = User.objects.create_user(email="noor@desk.example", name="Noor", password=None)
        RoleGrant.objects.create(user=self.user, role=Role.INTAKE_COORDINATOR, reason="Benchmark")
        self.stopped = threading.Event()

    def work(self) -> None:
        client = Client()
        client.force_login(self.user)
        while not self.stopped.is_set():
            client.get("/reports/")
            waiting = Report.objects.waiting().first()
            if waiting:
                access.claim(actor=self.user, report=waiting)
                reading.read(actor=self.user, report=waiting, reason="Benchmark")
            self.pages += 1
        connections.close_all()


@contextmanager
def _desk_in_use() -> Iterator[_Desk]:
    desk = _Desk()
    thread = threading.Thread(target=desk.work)
    thread.start()
    try:
        yield desk
    finally:
        desk.stopped.set()
        thread.join()


def _cleaning(say: Say) -> list[Figure]:
    figures, peaks = [], []
    for what, kind, made, limit in (
        ("12-megapixel JPEG", Kind.JPEG, partial(_picture, "JPEG"), PICTURE_SECONDS),
        ("12-megapixel PNG", Kind.PNG, partial(_picture, "PNG"), PICTURE_SECONDS),
        (f"PDF of {PDF_PAGES} scanned pages", Kind.PDF, _pdf, PDF_SECONDS),
    ):
        say(f"cleaning a {what}")
        data = made()
        seconds, rebuilt = _timed(partial(sandbox.rebuild, kind, data))
        peaks.append(rebuilt.peak_kilobytes / 1024)
        note = f"{len(data) / 1e6:.1f} MB, its process included"
        figures.append(at_most(f"clean copy of a {what}", seconds, "s", limit, note=note))
    figures.append(
        at_most("peak memory of that process", max(peaks), "MB", MEMORY_MB, note="a hard limit")
    )
    return figures


def _rotating(scale: Scale, say: Say, folders: Folders) -> list[Figure]:
    say(f"sealing the keys of {scale.reports:,} reports")
    _fill(scale.reports, epochs.current_epoch(folders.public))
    rotation.begin_next(actor=COMMAND_LINE, folders=folders)
    current = epochs.current_epoch(folders.public)
    desk_wraps = KeyWrap.objects.filter(holder=KeyWrap.Holder.DESK)
    say("moving some of them, as a run does that is interrupted")
    first = rotation._rewrap_batch(current, folders)
    say("moving the rest")
    seconds, rest = _timed(lambda: rotation.rewrap_all(actor=COMMAND_LINE, folders=folders))
    left = desk_wraps.exclude(kid=current.kid).count()
    return [
        Figure(
            "keys of reports moved to a new epoch",
            rest / seconds,
            "reports/s",
            f"{first + rest:,} reports; 100,000 would take {100_000 / (rest / seconds):.0f} s",
        ),
        at_most("reports left behind by a run that went on where one was interrupted", left, "", 0),
    ]


def _fill(count: int, epoch: epochs.PublicEpoch) -> None:
    """Store reports with a key wrapped for the desk. Their content is no part of a rotation."""
    for start in range(0, count, ROWS_AT_ONCE):
        reports = [
            Report(
                id=uuid.uuid4(),
                lookup_digest=secrets.token_bytes(32),
                **dict.fromkeys(
                    ("accounts", "person", "narrative", "languages", "summary", "message_count"),
                    b"",
                ),
            )
            for _ in range(min(ROWS_AT_ONCE, count - start))
        ]
        wraps = [_wrapped(report, epoch) for report in reports]
        Report.objects.using("owner").bulk_create(reports)
        KeyWrap.objects.using("owner").bulk_create(wraps)


def _wrapped(report: Report, epoch: epochs.PublicEpoch) -> KeyWrap:
    row = uuid.uuid4()
    place = wrap_place(report.pk, row)
    wrapped = envelopes.wrap_for_desk(envelopes.new_key(), epoch.public_key, epoch.kid, place)
    return KeyWrap(
        id=row, report=report, holder=KeyWrap.Holder.DESK, kid=epoch.kid, wrapped=wrapped
    )


def _picture(form: str) -> bytes:
    """Noise over a gradient: as hard to compress as a photograph."""
    soft = Image.radial_gradient("L").resize(TWELVE_MEGAPIXELS)
    noise = Image.effect_noise(TWELVE_MEGAPIXELS, 12)
    written = io.BytesIO()
    Image.merge("RGB", (soft, noise, soft)).save(written, form)
    return written.getvalue()


def _pdf() -> bytes:
    pages = [Image.effect_noise(A4_AT_150_DOTS, 12).convert("RGB") for _ in range(PDF_PAGES)]
    written = io.BytesIO()
    pages[0].save(written, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return written.getvalue()


def _timed(run: Callable[[], Result]) -> tuple[float, Result]:
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result
