"""The kinds of file that are taken, and whether a file's content is what its name says.

This module imports no Django: the process that rebuilds files knows nothing else of the house.
"""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

# What is read of a file before it is known to be what its name says.
SNIFFED_BYTES = 1024
LONGEST_NAME_CHARACTERS = 120


class Kind(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    PDF = "pdf"
    TXT = "txt"


@dataclass(frozen=True, slots=True)
class Form:
    """How a kind is called and served. `clean` is the kind of its clean copy."""

    extensions: tuple[str, ...]
    media_type: str
    clean: Kind


FORMS: dict[Kind, Form] = {
    Kind.JPEG: Form((".jpg", ".jpeg"), "image/jpeg", Kind.JPEG),
    Kind.PNG: Form((".png",), "image/png", Kind.PNG),
    Kind.WEBP: Form((".webp",), "image/webp", Kind.JPEG),
    Kind.HEIC: Form((".heic", ".heif"), "image/heic", Kind.JPEG),
    Kind.PDF: Form((".pdf",), "application/pdf", Kind.PDF),
    Kind.TXT: Form((".txt",), "text/plain; charset=utf-8", Kind.TXT),
}
ACCEPTED_EXTENSIONS = tuple(ending for form in FORMS.values() for ending in form.extensions)

# ISO/IEC 23008-12: the brands of a still picture in HEVC, alone or as the first of several.
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1")


def kind_of_name(name: str) -> Kind | None:
    """The kind that a file's name claims, by its last extension."""
    ending = PurePosixPath(name).suffix.lower()
    return next((kind for kind, form in FORMS.items() if ending in form.extensions), None)


def begins_like(kind: Kind, head: bytes) -> bool:
    """Tell whether the first bytes of a file are those of a kind. `head` is up to 1 KiB."""
    match kind:
        case Kind.JPEG:
            return head.startswith(b"\xff\xd8\xff")
        case Kind.PNG:
            return head.startswith(b"\x89PNG\r\n\x1a\n")
        case Kind.WEBP:
            return head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        case Kind.HEIC:
            return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS
        case Kind.PDF:
            return head.startswith(b"%PDF-")
        case Kind.TXT:
            return _is_text(head)


def plain_name(name: str) -> str:
    """A file's name as it may be kept: without a path and without what no reader sees."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    ending = PurePosixPath(seen).suffix
    return seen[: LONGEST_NAME_CHARACTERS - len(ending)].removesuffix(ending) + ending


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if b"\0" in head:
        return False
    try:
        # The last letter may be cut.
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == SNIFFED_BYTES
    return True
