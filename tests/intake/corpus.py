"""Files with planted metadata, made here: what a clean copy must not hold any more.

Every canary has "vermilion" in it. The HEIC is given as bytes, since no encoder is installed: a
picture of 48 by 32 pixels, turned, with a maker, a place and XMP in it.
"""

import base64
import io
import struct
import zlib

from PIL import Image, PngImagePlugin

CANARY = "vermilion"
ORIENTATION, MAKER, USER_COMMENT, GPS = 0x0112, 0x010F, 0x9286, 0x8825
SIZE = (48, 32)
RED = (220, 40, 40)

HEIC = base64.b64decode(
    """
    AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAhJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABw
    aWN0AAAAAAAAAAAAAAAAAAAAAEZpbG9jAAAAAERAAAMAAQAAAAACNgABAAAAAAAAADYAAgAAAAAC
    bAABAAAAAAAAAKwAAwAAAAADGAABAAAAAAAAAEQAAABiaWluZgAAAAAAAwAAABVpbmZlAgAAAAAB
    AABodmMxAAAAABVpbmZlAgAAAQACAABFeGlmAAAAACppbmZlAgAAAQADAABtaW1lAGFwcGxpY2F0
    aW9uL3JkZit4bWwAAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAA
    kAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AA
    AAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5j
    bHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAADAAAAABAAAAIAAAAAH////w
    AAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaB
    AgMFhIYAAAAoaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAA5jZHNjAAMAAQABAAABLm1kYXQAAAAy
    KAGvCeAhOTQf/+jGj/+2Sdl+gUu9f9dr135v+f/4Cmb5/4URAfVT3f+ZaSv5zt4AmB8AAAAGRXhp
    ZgAATU0AKgAAAAgAAwEPAAIAAAAXAAAAMgESAAMAAAABAAYAAIglAAQAAAABAAAASgAAAAB2ZXJt
    aWxpb24gY2FuYXJ5IG1ha2VyAAAAAwABAAIAAAACTgAAAAACAAUAAAADAAAAdAAdAAIAAAAVAAAA
    jAAAAAAAAAArAAAAAQAAABMAAAABAAAABQAAAAF2ZXJtaWxpb24gZ3BzIGNhbmFyeQAAPHg6eG1w
    bWV0YSB4bWxuczp4PSdhZG9iZTpuczptZXRhLyc+dmVybWlsaW9uIHhtcCBjYW5hcnk8L3g6eG1w
    bWV0YT4=
    """
)


def picture() -> Image.Image:
    """A blue picture whose upper left corner is red, so that turning it shows."""
    drawn = Image.new("RGB", SIZE, (30, 90, 160))
    drawn.paste(RED, (0, 0, 16, 16))
    return drawn


def exif() -> bytes:
    """Maker, comment, place; and that the picture is turned by a quarter to the right."""
    tags = Image.Exif()
    tags[ORIENTATION] = 6
    tags[MAKER] = f"{CANARY} maker"
    tags[USER_COMMENT] = f"{CANARY} comment".encode()
    place = tags.get_ifd(GPS)
    place |= {1: "N", 2: (43.0, 19.0, 5.0), 29: f"{CANARY} place"}
    return tags.tobytes()


def jpeg() -> bytes:
    """EXIF, XMP, IPTC, a comment, a thumbnail with a comment of its own, and bytes at the end."""
    written = io.BytesIO()
    picture().save(written, "JPEG", quality=95, exif=exif())
    whole = written.getvalue()
    parts = (
        (0xE0, b"JFXX\0\x10" + _commented(whole, f"{CANARY} thumbnail")),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + f"{CANARY} xmp</x>".encode()),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0" + f"{CANARY} iptc".encode()),
        (0xFE, f"{CANARY} comment".encode()),
    )
    planted = b"".join(struct.pack(">BBH", 0xFF, mark, len(of) + 2) + of for mark, of in parts)
    return whole[:2] + planted + whole[2:] + f"{CANARY} after the end".encode()


def png() -> bytes:
    """Text in the three ways of PNG, XMP, EXIF and a chunk of somebody's own."""
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", f"{CANARY} author")
    said.add_text("Comment", f"{CANARY} packed", zip=True)
    said.add_itxt("XML:com.adobe.xmp", f"<x>{CANARY} xmp</x>")
    said.add(b"prVt", f"{CANARY} private".encode())
    written = io.BytesIO()
    picture().save(written, "PNG", pnginfo=said, exif=exif())
    return written.getvalue()


def webp() -> bytes:
    written = io.BytesIO()
    xmp = f"<x>{CANARY} xmp</x>".encode()
    picture().save(written, "WEBP", lossless=True, exif=exif(), xmp=xmp)
    return written.getvalue()


def pdf(pages: int = 1, inside: bytes | None = None) -> bytes:
    """A PDF with an author, XMP, a script, an attachment, and a JPEG that keeps its EXIF."""
    image = jpeg() if inside is None else inside
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(pages))
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R /Metadata 4 0 R /OpenAction 5 0 R "
        b"/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >> >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode(),
        3: f"<< /Author ({CANARY} author) /Title ({CANARY} title) >>".encode(),
        4: _stream(b"/Type /Metadata /Subtype /XML", f"<x>{CANARY} xmp</x>".encode()),
        5: f"<< /S /JavaScript /JS (app.alert('{CANARY} script')) >>".encode(),
        6: b"<< /Type /Filespec /F (a) /EF << /F 7 0 R >> >>",
        7: _stream(b"/Type /EmbeddedFile", f"{CANARY} attachment".encode()),
        8: _stream(
            b"/Type /XObject /Subtype /Image /Width 48 /Height 32 /ColorSpace /DeviceRGB "
            b"/BitsPerComponent 8 /Filter /DCTDecode",
            image,
        ),
    }
    for number in range(pages):
        objects[10 + 2 * number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 96 64] /Contents %d 0 R "
            b"/Resources << /XObject << /I 8 0 R >> >> >>" % (11 + 2 * number)
        )
        objects[11 + 2 * number] = _stream(b"", b"q 96 0 0 64 0 0 cm /I Do Q")
    written = b"%PDF-1.7\n% " + f"{CANARY} remark\n".encode()
    for number, content in objects.items():
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return written + b"trailer\n<< /Root 1 0 R /Info 3 0 R >>\n%%EOF\n"


def text() -> bytes:
    """A text with a mark that no reader sees: letters of the tag block, which spell a canary."""
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in CANARY)
    return f"\ufeffШеҳид\u200b ёл{hidden}\r\nsecond line  \r\n".encode()


CORPUS = {
    "photo.jpg": jpeg,
    "screen.png": png,
    "shared.webp": webp,
    "phone.heic": lambda: HEIC,
    "scan.pdf": pdf,
}


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes whose pixels, all black, would fill memory."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    row = b"\0" * ((width + 7) // 8 + 1)
    squeezed = zlib.compressobj(9)
    rows = b"".join(squeezed.compress(row) for _ in range(height)) + squeezed.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _commented(whole: bytes, comment: str) -> bytes:
    return whole[:2] + struct.pack(">BBH", 0xFF, 0xFE, len(comment) + 2) + comment.encode()


def _stream(entries: bytes, content: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(content), content)
