"""Files that cannot be taken: said plainly, nothing kept of them, nothing typed lost."""

import re

import pytest

from intake import terms
from intake.attachments import store
from intake.models import Attachment, ZoneSession
from tests.intake.zone import Reporter

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
PDF = b"%PDF-1.7\nvery short"


@pytest.fixture
def asked(reporter: Reporter) -> Reporter:
    """A reporter at the question about files."""
    reporter.ask_for_files()
    return reporter


def names(reporter: Reporter) -> list[str]:
    """The files that the page lists."""
    return re.findall(r'<p dir="auto">(.*?)</p>', reporter.get("/en/form/").text)


def nothing_was_kept(reporter: Reporter) -> bool:
    """No row, no file on the disk, and what was typed before is there."""
    reporter.follow(reporter.post("/en/form/", step="files", back="1"))
    return (
        "I saw it." in reporter.page
        and not Attachment.objects.exists()
        and not list(store.directory().iterdir())
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("large.txt", b"a" * (26 * 1024 * 1024), "larger than 25 MB"),
        ("film.mp4", b"\0\0\0\x18ftypmp42", "cannot take this kind"),
        ("no extension", b"text", "cannot take this kind"),
        ("picture.png", PDF, "not what its name says"),
        ("text.txt", b"\0\x01\x02binary", "not what its name says"),
        ("shell.pdf.txt", b"\x7fELF\0\0", "not what its name says"),
        ("late.pdf", b"\n\n" + PDF, "not what its name says"),
        ("empty.pdf", b"", "is empty"),
    ],
)
def test_a_file_that_is_not_taken(asked: Reporter, name: str, content: bytes, said: str) -> None:
    response = asked.add_file(name, content, add="1")
    assert response.status_code == 422
    assert said in response.text
    assert nothing_was_kept(asked)


def test_the_eleventh_file_is_refused_and_ten_stay(asked: Reporter) -> None:
    for number in range(terms.MOST_FILES):
        assert asked.add_file(f"{number}.txt", b"%d" % number, add="1").is_redirect
    response = asked.add_file("eleven.txt", b"eleven", add="1")
    assert response.status_code == 422
    assert "takes 10 files" in response.text
    assert len(names(asked)) == 10
    assert Attachment.objects.count() == len(list(store.directory().iterdir())) == 10


def test_a_file_that_is_sent_twice_is_there_once(asked: Reporter) -> None:
    asked.add_file("a.pdf", PDF, add="1")
    asked.add_file("a.pdf", PDF, add="1")
    assert names(asked) == ["a.pdf"]
    assert len(list(store.directory().iterdir())) == 1


def test_a_file_is_removed_again(asked: Reporter) -> None:
    asked.add_file("a.pdf", PDF, add="1")
    file = Attachment.objects.get().pk
    asked.get("/en/form/")
    asked.post("/en/form/", step="files", remove=str(file))
    assert names(asked) == []
    assert list(store.directory().iterdir()) == []


def test_nobody_removes_a_file_of_another_session(asked: Reporter) -> None:
    asked.add_file("a.pdf", PDF, add="1")
    file = Attachment.objects.get().pk
    other = Reporter(asked.socket)
    other.ask_for_files()
    other.post("/en/form/", step="files", remove=str(file))
    other.post("/en/form/", step="files", remove="no id")
    assert names(asked) == ["a.pdf"]


def test_a_file_is_kept_whichever_button_was_pressed(asked: Reporter) -> None:
    asked.follow(asked.add_file("a.pdf", PDF))
    assert 'value="languages"' in asked.page
    asked.follow(asked.post("/en/form/", step="languages"))
    assert "a.pdf" in asked.page


def test_a_session_that_ended_says_so(asked: Reporter) -> None:
    ZoneSession.objects.using("owner").all().delete()
    page = asked.follow(asked.add_file("a.pdf", PDF, add="1")).text
    assert "erased" in page
    assert list(store.directory().iterdir()) == []


def test_a_name_is_shown_as_text_and_without_its_path(asked: Reporter) -> None:
    asked.add_file("C:\\home\\me\\<b>secret\u202e.pdf", PDF, add="1")
    assert names(asked) == ["&lt;b&gt;secret.pdf"]


def test_opening_an_inbox_in_between_loses_no_file(reporter: Reporter) -> None:
    """Shown to fail by ending the session in `inbox.hold_open` in place of renewing it."""
    receipt = reporter.report()
    reporter.ask_for_files()
    reporter.add_file("a.pdf", PDF, add="1")
    reporter.open_inbox(receipt)
    assert names(reporter) == ["a.pdf"]


def test_a_file_is_added_from_the_inbox_with_or_without_a_message(reporter: Reporter) -> None:
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    reporter.follow(reporter.add_file("a.pdf", PDF, "/en/inbox/", act="write", text=""))
    assert "Waits for its clean copy" in reporter.page
    reporter.follow(reporter.add_file("b.txt", b"b", "/en/inbox/", act="write", text="See b."))
    assert "See b." in reporter.page
    assert Attachment.objects.filter(report__isnull=False).count() == 2


def test_a_message_is_kept_where_its_file_is_refused(reporter: Reporter) -> None:
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    response = reporter.add_file("a.exe", b"MZ", "/en/inbox/", act="write", text="Typed long")
    assert response.status_code == 422
    assert "Typed long" in response.text
    assert "cannot take this kind" in response.text


def test_deleting_a_report_destroys_its_files(reporter: Reporter) -> None:
    receipt = reporter.report()
    reporter.open_inbox(receipt)
    reporter.add_file("a.pdf", PDF, "/en/inbox/", act="write", text="")
    reporter.follow(reporter.post("/en/inbox/", act="delete", sure="yes"))
    assert not Attachment.objects.exists()
    assert list(store.directory().iterdir()) == []
