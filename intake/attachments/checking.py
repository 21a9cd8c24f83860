"""Look at a file's bytes: is it two kinds at once, and is a clean copy as clean as it should be?

A clean copy is judged by its own parts, whoever wrote it: nothing is allowed but what a picture
needs to be shown. This module imports no Django.
"""

import io
import struct
import unicodedata

import pypdfium2
import pypdfium2.raw as pdfium

from intake.attachments.kinds import Kind

# Readers of PDF look for its begin in the first kilobyte, readers of ZIP for its end in the last
# 64: both open a file that begins as something else.
PDF_SOUGHT_BYTES = 1024
ZIP_END = b"PK\x05\x06"
ZIP_END_BYTES = 22
ZIP_COMMENT_BYTES = 65_535

# ITU-T T.81, B.1.1.3: start of image, JFIF, tables, frames in Huffman coding, scan, end.
_SOI, _APP0, _SOS, _EOI = 0xD8, 0xE0, 0xDA, 0xD9
_JPEG_PARTS = frozenset({_APP0, 0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD, _SOS})
_JFIF_BYTES = 16  # without a thumbnail
_PNG_BEGINS = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def has_second_nature(kind: Kind, data: bytes) -> bool:
    """Tell whether a file would also open as a PDF or as an archive."""
    if kind not in (Kind.PDF, Kind.TXT) and b"%PDF-" in data[:PDF_SOUGHT_BYTES]:
        return True
    end = data.rfind(ZIP_END, max(0, len(data) - ZIP_END_BYTES - ZIP_COMMENT_BYTES))
    if end < 0 or len(data) < end + ZIP_END_BYTES:
        return False
    (comment,) = struct.unpack_from("<H", data, end + ZIP_END_BYTES - 2)
    return end + ZIP_END_BYTES + int(comment) == len(data)


def is_clean(kind: Kind, data: bytes) -> bool:
    """Tell whether a clean copy holds what is shown and nothing else."""
    match kind:
        case Kind.JPEG:
            return _jpeg_is_clean(data)
        case Kind.PNG:
            return _png_is_clean(data)
        case Kind.PDF:
            return _pdf_is_clean(data)
        case Kind.TXT:
            return all(c in "\n\t\u200c\u200d" or is_seen(c) for c in data.decode())
        case _:
            return False


def is_seen(character: str) -> bool:
    """Tell whether a reader sees a character: no control, no format, no half of a pair."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _jpeg_is_clean(data: bytes) -> bool:
    if data[:2] != bytes((0xFF, _SOI)):
        return False
    at = 2
    while at + 4 <= len(data):
        begins, marker, length = struct.unpack_from(">BBH", data, at)
        if begins != 0xFF or marker not in _JPEG_PARTS:
            return False
        if marker == _APP0 and length != _JFIF_BYTES:
            return False
        at += 2 + int(length)
        if marker == _SOS:
            at = _end_of_scan(data, at)
            if data[at : at + 2] == bytes((0xFF, _EOI)):
                return at + 2 == len(data)
    return False


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands that is neither a restart nor a stuffed byte."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _png_is_clean(data: bytes) -> bool:
    if not data.startswith(_PNG_BEGINS):
        return False
    at, part = len(_PNG_BEGINS), b""
    while at + 12 <= len(data):
        length, part = struct.unpack_from(">I4s", data, at)
        if part not in _PNG_PARTS:
            return False
        at += 12 + int(length)
    return part == b"IEND" and at == len(data)


def _pdf_is_clean(data: bytes) -> bool:
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    if any(document.get_metadata_dict().values()) or b"/Metadata" in data[:1024]:
        return False
    for page in document:
        objects = list(page.get_objects())
        if [shown.type for shown in objects] != [pdfium.FPDF_PAGEOBJ_IMAGE]:
            return False
        if not _jpeg_is_clean(bytes(objects[0].get_data(decode_simple=False))):
            return False
        page.close()
    return True
