"""Write a PDF that holds one JPEG a page and nothing else. This module imports no Django.

ISO 32000-1, 7.5 (file structure) and 8.9 (images). Written by hand: every library adds who made
it and when.
"""

from collections.abc import Iterable
from dataclasses import dataclass

HEADER = b"%PDF-1.4\n"
CATALOG, PAGES = 1, 2


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """A page in points, and the picture that fills it."""

    width: float
    height: float
    pixels_wide: int
    pixels_high: int
    jpeg: bytes


def pdf_of(pages: Iterable[Page]) -> bytes:
    """Return a PDF of pictures."""
    written = bytearray(HEADER)
    places: dict[int, int] = {}
    kids: list[int] = []

    def add(number: int, content: bytes) -> None:
        places[number] = len(written)
        written.extend(b"%d 0 obj\n%s\nendobj\n" % (number, content))

    for page in pages:
        number = PAGES + 1 + 3 * len(kids)
        kids.append(number)
        size = f"{page.width:.2f} {page.height:.2f}".encode()
        add(
            number,
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 %s] /Contents %d 0 R "
            b"/Resources << /XObject << /P %d 0 R >> >> >>" % (PAGES, size, number + 1, number + 2),
        )
        drawing = f"q {page.width:.2f} 0 0 {page.height:.2f} 0 0 cm /P Do Q".encode()
        add(number + 1, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing))
        add(
            number + 2,
            b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB "
            b"/BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream"
            % (page.pixels_wide, page.pixels_high, len(page.jpeg), page.jpeg),
        )
    listed = b" ".join(b"%d 0 R" % kid for kid in kids)
    add(PAGES, b"<< /Type /Pages /Kids [%s] /Count %d >>" % (listed, len(kids)))
    add(CATALOG, b"<< /Type /Catalog /Pages %d 0 R >>" % PAGES)
    table_at = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    for number in sorted(places):
        written += b"%010d 00000 n \n" % places[number]
    written += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (len(places) + 1, CATALOG)
    written += b"startxref\n%d\n%%%%EOF\n" % table_at
    return bytes(written)
