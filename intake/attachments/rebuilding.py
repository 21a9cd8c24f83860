"""Make a clean copy of a file: pictures from their pixels, PDF from pictures of its pages.

Nothing of the file as it came is copied, so what it holds besides stays behind: place, time,
device, comments, thumbnails, scripts, attachments, earlier versions. A plain re-save with Pillow
keeps the comments of a JPEG, and cleaning a PDF leaves the metadata of its pictures.

Runs in the confined process. This module imports no Django.
"""

import codecs
import io
import unicodedata
from collections.abc import Iterator

import pi_heif
import pypdfium2
from PIL import Image, ImageOps

from intake import terms
from intake.attachments import checking
from intake.attachments.kinds import FORMS, Kind
from intake.attachments.pdf import Page, pdf_of
from intake.attachments.refused import Refused, Why

MOST_PIXELS = terms.MOST_MEGAPIXELS * 1_000_000
MOST_CLEAN_BYTES = 64 * 1024 * 1024
JPEG_QUALITY = 90
PAGE_JPEG_QUALITY = 80
POINTS_PER_INCH = 72
PAGE_DOTS_PER_INCH = 150
# A page of any size: a poster is drawn with fewer dots to the inch.
LONGEST_PAGE_SIDE_PIXELS = 2_200

_DECODERS = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.HEIC: "HEIF"}
_ENCODINGS = ("utf-8-sig", "utf-16")
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Readers of Arabic script and of Indic scripts need them, and they show.
_JOINERS = "\u200c\u200d"


def prepare() -> None:
    """Load every decoder, and rehearse what loads more. Afterwards no file needs to be opened."""
    Image.preinit()
    Image.init()
    pi_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    picture = _saved(Image.new("RGB", (8, 8)), "JPEG")
    rebuild(Kind.PDF, pdf_of([Page(8, 8, 8, 8, picture)]))
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)


def rebuild(kind: Kind, data: bytes) -> bytes:
    """Return the clean copy of a file, read again and found clean. Raises `Refused`."""
    if checking.has_second_nature(kind, data):
        raise Refused(Why.TWO_KINDS)
    match kind:
        case Kind.PDF:
            clean = _clean_pdf(data)
        case Kind.TXT:
            clean = _clean_text(data)
        case _:
            clean = _clean_picture(kind, data)
    if len(clean) > MOST_CLEAN_BYTES:
        raise Refused(Why.TOO_LARGE_INSIDE)
    if not checking.is_clean(FORMS[kind].clean, clean):
        raise Refused(Why.NOT_CLEAN)
    return clean


def _clean_picture(kind: Kind, data: bytes) -> bytes:
    try:
        picture: Image.Image = Image.open(io.BytesIO(data), formats=[_DECODERS[kind]])
    except Image.DecompressionBombError as error:
        raise Refused(Why.TOO_LARGE_INSIDE) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused(Why.TOO_LARGE_INSIDE)
    picture.load()
    picture = ImageOps.exif_transpose(picture)
    if FORMS[kind].clean == Kind.PNG:
        return _saved(_pixels(picture, "RGBA" if picture.has_transparency_data else "RGB"), "PNG")
    return _saved(_pixels(picture, "RGB"), "JPEG", quality=JPEG_QUALITY)


def _pixels(picture: Image.Image, mode: str) -> Image.Image:
    """A new picture with the pixels of another and nothing else. Transparent is white in RGB."""
    clean = Image.new(mode, picture.size, (255, 255, 255, 0)[: len(mode)])
    if picture.has_transparency_data and mode == "RGB":
        picture = picture.convert("RGBA")
        clean.paste(picture, mask=picture.getchannel("A"))
    else:
        clean.paste(picture.convert(mode))
    return clean


def _saved(picture: Image.Image, form: str, **options: int) -> bytes:
    written = io.BytesIO()
    # PNG at level 1: a quarter of the time of the default, for somewhat more bytes.
    picture.save(written, form, **({"compress_level": 1} if form == "PNG" else options))
    return written.getvalue()


def _clean_pdf(data: bytes) -> bytes:
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Refused(Why.LOCKED if "password" in str(error).lower() else Why.BROKEN) from error
    if len(document) > terms.MOST_PAGES:
        raise Refused(Why.TOO_MANY_PAGES)
    document.init_forms()
    return pdf_of(_drawn_pages(document))


def _drawn_pages(document: pypdfium2.PdfDocument) -> Iterator[Page]:
    drawn_bytes = 0
    for number in range(len(document)):
        page = document[number]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise Refused(Why.BROKEN)
        scale = min(
            PAGE_DOTS_PER_INCH / POINTS_PER_INCH, LONGEST_PAGE_SIDE_PIXELS / max(width, height)
        )
        picture = page.render(scale=scale).to_pil()
        jpeg = _saved(_pixels(picture, "RGB"), "JPEG", quality=PAGE_JPEG_QUALITY)
        drawn_bytes += len(jpeg)
        if drawn_bytes > MOST_CLEAN_BYTES:
            raise Refused(Why.TOO_LARGE_INSIDE)
        yield Page(width, height, picture.width, picture.height, jpeg)
        page.close()


def _clean_text(data: bytes) -> bytes:
    plain, with_mark = _ENCODINGS
    try:
        text = data.decode(with_mark if data.startswith(UTF16_MARKS) else plain)
    except UnicodeDecodeError as error:
        raise Refused(Why.NOT_UTF8) from error
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # What no reader sees may carry a mark of who was given the text.
    seen = "".join(c for c in text if c in "\n\t" + _JOINERS or checking.is_seen(c))
    return "\n".join(line.rstrip() for line in seen.split("\n")).encode()
