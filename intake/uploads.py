"""Files on their way in: sealed chunk by chunk, so that no clear byte of one is ever on a disk.

Two pages take files, one file in a request. Everywhere else a request ends at the first byte of
a file. Django reads files before it checks a form's token, so what arrived is removed again
unless the page behind it keeps it (`intake.middleware.KeepNoStrayFile`).
"""

from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from intake import inbox
from intake.attachments import arrivals
from intake.attachments.arrivals import Folder
from intake.attachments.arriving import MOST_BYTES, Arriving, NotTaken, Problem
from intake.attachments.streams import CHUNK_BYTES

if TYPE_CHECKING:
    from intake.middleware import ZoneRequest

# A file that is too large is read to its end, so that a page can say so. Not without end.
MOST_READ_BYTES = 4 * MOST_BYTES
# The names of the two pages that take files.
FORM, INBOX = "form", "inbox"


class SealFiles(FileUploadHandler):
    """Seal the one file of a request under its report's key, or end the request at its begin."""

    chunk_size = CHUNK_BYTES
    request: "ZoneRequest"

    def __init__(self, request: "ZoneRequest") -> None:
        super().__init__(request)
        self.arriving: Arriving | None = None
        self.problem: Problem | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not _takes_files(self.request):
            raise StopUpload(connection_reset=True)
        if int(self.request.META["CONTENT_LENGTH"]) > MOST_READ_BYTES:
            self.problem = Problem.TOO_LARGE
            raise StopUpload(connection_reset=True)
        folder = folder_of(self.request)
        if self.arriving is not None or folder is None:
            self.problem = Problem.ONE_AT_A_TIME if folder else Problem.NOWHERE
            raise SkipFile
        # The session goes on from here: over Tor a large file takes longer than it lasts.
        self.request.visit.store()
        try:
            self.arriving = Arriving(folder, self.file_name or "")
        except NotTaken as refused:
            self._skip(refused)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        assert self.arriving is not None  # noqa: S101  no chunk comes without `new_file`
        try:
            self.arriving.add(raw_data)
        except NotTaken as refused:
            self._skip(refused)
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.arriving is not None and self.problem is None:
            try:
                self.arriving.finish()
            except NotTaken as refused:
                self.problem = refused.problem
        return None

    def upload_interrupted(self) -> None:
        # Django says the same of a file that was skipped.
        self.problem = self.problem or Problem.CUT_OFF

    def close(self) -> None:
        """Remove what arrived, unless it was kept."""
        if self.arriving is not None:
            self.arriving.stored.close()

    def _skip(self, refused: NotTaken) -> None:
        self.problem = refused.problem
        raise SkipFile from refused


def folder_of(request: "ZoneRequest") -> Folder | None:
    """What a file on this page would belong to. None where a session or an inbox ended."""
    if _page_of(request) == FORM:
        return arrivals.folder_of(request.visit)
    opened = inbox.opened_by(request.visit)
    return inbox.folder_of(opened) if opened else None


def keep(request: "ZoneRequest", *, keeps_original: bool) -> bool:
    """Keep the file of a request, and tell whether there was one.

    Raises `NotTaken`.
    """
    for handler in request.upload_handlers:
        assert isinstance(handler, SealFiles)  # noqa: S101  the zone's settings name no other
        if handler.problem is not None:
            raise NotTaken(handler.problem)
        arriving, folder = handler.arriving, folder_of(request)
        if arriving is None:
            continue
        if folder is None:
            raise NotTaken(Problem.NOWHERE)
        try:
            arrivals.add(
                folder,
                file=arriving.id,
                details=arriving.details(keeps_original=keeps_original),
                stored=arriving.stored,
            )
        except arrivals.Full as error:
            raise NotTaken(Problem.TOO_MANY) from error
        except arrivals.Gone as error:
            raise NotTaken(Problem.NOWHERE) from error
        return True
    return False


def _takes_files(request: "ZoneRequest") -> bool:
    return _page_of(request) in (FORM, INBOX)


def _page_of(request: "ZoneRequest") -> str | None:
    return request.resolver_match.url_name if request.resolver_match else None
