"""One file as it arrives: checked, sealed and written chunk by chunk, never in the clear."""

import hashlib
import uuid
from enum import StrEnum

from intake import terms
from intake.attachments import kinds, sealed, store
from intake.attachments.arrivals import Folder
from intake.attachments.kinds import SNIFFED_BYTES
from intake.attachments.sealed import Details
from intake.attachments.streams import Sealer, file_key

MOST_BYTES = terms.MOST_FILE_MEGABYTES * 1024 * 1024


class Problem(StrEnum):
    """Why a file was not taken."""

    TOO_LARGE = "too_large"
    NO_SUCH_KIND = "no_such_kind"
    NOT_ITS_KIND = "not_its_kind"
    EMPTY = "empty"
    ONE_AT_A_TIME = "one_at_a_time"
    CUT_OFF = "cut_off"
    TOO_MANY = "too_many"
    NOWHERE = "nowhere"


class NotTaken(Exception):
    """A file that is not taken, and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class Arriving:
    """A file on its way into a folder. It leaves nothing behind unless `stored` is kept."""

    def __init__(self, folder: Folder, name: str) -> None:
        """Raises `NotTaken` where the name claims none of the kinds that are taken."""
        kind = kinds.kind_of_name(name)
        if kind is None:
            raise NotTaken(Problem.NO_SUCH_KIND)
        self.id = uuid.uuid4()
        self.name = kinds.plain_name(name)
        self.kind = kind
        self._size_bytes = 0
        self._head = b""
        self._hash = hashlib.sha256()
        self.stored = store.Unfinished()
        place = sealed.place(folder.report, self.id, "original")
        self._sealer = Sealer(file_key(folder.key, place), self.stored.write)

    def add(self, data: bytes) -> None:
        """Take the next bytes. Raises `NotTaken` where they are too many or of another kind."""
        self._size_bytes += len(data)
        if self._size_bytes > MOST_BYTES:
            raise NotTaken(Problem.TOO_LARGE)
        if len(self._head) < SNIFFED_BYTES:
            self._head = (self._head + data)[:SNIFFED_BYTES]
            if len(self._head) == SNIFFED_BYTES:
                self._check_head()
        self._hash.update(data)
        self._sealer.add(data)

    def finish(self) -> None:
        """End the file. Raises `NotTaken` for one that is empty or too short for its kind."""
        if not self._size_bytes:
            raise NotTaken(Problem.EMPTY)
        self._check_head()
        self._sealer.finish()
        self.stored.complete()

    def details(self, *, keeps_original: bool) -> Details:
        """What is kept of the file in its row."""
        return Details(
            name=self.name,
            kind=self.kind,
            size_bytes=self._size_bytes,
            sha256=self._hash.hexdigest(),
            keeps_original=keeps_original,
        )

    def _check_head(self) -> None:
        if not kinds.begins_like(self.kind, self._head):
            raise NotTaken(Problem.NOT_ITS_KIND)
