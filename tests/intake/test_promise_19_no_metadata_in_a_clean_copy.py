"""Promise 19: no clean copy holds place, maker, comment, thumbnail, script or hidden mark."""

import io
import re

import pypdfium2
import pytest
from PIL import Image

from intake.attachments import checking
from intake.attachments.kinds import Kind
from intake.models import Attachment
from intake.receipts import Receipt
from tests.intake import corpus
from tests.intake.attacker import found
from tests.intake.corpus import CANARY, CORPUS
from tests.intake.file_builders import attach, cleaned, content_of

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.mark.parametrize("name", CORPUS)
def test_nothing_planted_is_in_the_clean_copy(receipt: Receipt, name: str) -> None:
    """Shown to fail by returning the file itself from `_clean_picture` and `_clean_pdf`, with
    `checking.is_clean` answering yes; and, for the comment of the JPEG, by Pillow's plain re-save.
    """
    planted = CORPUS[name]()
    assert found(CANARY, planted)
    attachment = cleaned(attach(receipt, name, planted))
    assert attachment.state == Attachment.State.CLEAN
    clean = content_of(attachment, "cleaned")
    assert not found(CANARY, clean)
    assert not re.search(rb"Exif|xmp|8BIM|ICC_PROFILE|/Info|/Metadata|/JavaScript", clean)


@pytest.mark.parametrize("name", ["photo.jpg", "shared.webp", "phone.heic", "screen.png"])
def test_a_picture_shows_the_same_and_upright(receipt: Receipt, name: str) -> None:
    """Shown to fail by leaving `exif_transpose` out: the corner was at the left."""
    clean = content_of(cleaned(attach(receipt, name, CORPUS[name]())), "cleaned")
    picture = Image.open(io.BytesIO(clean)).convert("RGB")
    width, height = corpus.SIZE
    assert picture.size == (height, width)
    corner = picture.getpixel((height - 4, 4))
    assert all(abs(is_ - was) < 40 for is_, was in zip(corner, corpus.RED, strict=True))


def test_a_pdf_is_pictures_of_its_pages(receipt: Receipt) -> None:
    """Shown to fail by saving with pdfium, which adds who made it and when."""
    clean = content_of(cleaned(attach(receipt, "scan.pdf", corpus.pdf(pages=3))), "cleaned")
    document = pypdfium2.PdfDocument(clean)
    assert len(document) == 3
    assert document[0].get_size() == (96, 64)
    red = document[0].render().to_pil().convert("RGB").getpixel((10, 10))
    assert all(abs(is_ - was) < 40 for is_, was in zip(red, corpus.RED, strict=True))


def test_a_text_keeps_what_is_read_and_loses_what_is_not(receipt: Receipt) -> None:
    """Shown to fail by leaving `is_seen` out of `_clean_text`."""
    clean = content_of(cleaned(attach(receipt, "note.txt", corpus.text())), "cleaned")
    assert clean.decode() == "Шеҳид ёл\nsecond line\n"


def test_a_text_of_windows_in_utf_16_is_read(receipt: Receipt) -> None:
    attachment = attach(receipt, "note.txt", "Я видел".encode("utf-16"))
    assert content_of(cleaned(attachment), "cleaned").decode() == "Я видел"


@pytest.mark.parametrize(
    ("kind", "unclean"),
    [
        (Kind.JPEG, corpus.jpeg()),
        (Kind.PNG, corpus.png()),
        (Kind.PDF, corpus.pdf()),
        (Kind.TXT, corpus.text()),
        (Kind.HEIC, corpus.HEIC),
    ],
)
def test_the_last_look_finds_what_a_copy_must_not_hold(kind: Kind, unclean: bytes) -> None:
    """Shown to fail by answering yes for the kind: the second measure behind the first."""
    assert not checking.is_clean(kind, unclean)
