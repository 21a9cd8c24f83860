"""The way of a file to the worker: found in the database, named in a message and nothing more."""

import json
from collections.abc import Iterator

import pytest
from kombu.simple import SimpleQueue

from config.celery import app
from intake.models import Attachment
from intake.receipts import Receipt
from intake.tasks import clean_file, find_files_to_clean
from tests.intake.file_builders import attach, cleaned

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def queue() -> Iterator[SimpleQueue]:
    """The queue of files, on the real broker, empty."""
    with app.connection_for_read() as connection:
        found = connection.SimpleQueue("sanitise")
        found.clear()
        yield found
        found.clear()


def test_a_message_holds_the_key_of_the_row_and_ends_soon(
    receipt: Receipt, queue: SimpleQueue
) -> None:
    """Shown to fail by sending the file's name along, and by a time limit that Celery refuses."""
    attachment = attach(receipt, "vermilion.txt", b"vermilion")
    find_files_to_clean()
    message = queue.get(timeout=5)
    message.ack()
    arguments, named, _ = message.payload
    assert (arguments, named) == ([str(attachment.pk)], {})
    assert message.headers["expires"]
    assert "vermilion" not in json.dumps([message.payload, message.headers])


def test_what_is_settled_is_found_no_more(receipt: Receipt, queue: SimpleQueue) -> None:
    cleaned(attach(receipt, "a.txt", b"text"))
    find_files_to_clean()
    with pytest.raises(queue.Empty):
        queue.get(block=False)


def test_a_message_about_a_file_that_is_gone_is_no_error(receipt: Receipt) -> None:
    attachment = attach(receipt, "a.txt", b"text")
    Attachment.objects.using("owner").filter(pk=attachment.pk).delete()
    clean_file(str(attachment.pk))
    assert not Attachment.objects.exists()


def test_the_sweep_and_the_work_are_on_the_schedule() -> None:
    """Shown to fail by leaving the round out of the schedule."""
    tasks = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert "intake.tasks.find_files_to_clean" in tasks
    assert app.amqp.router.route({}, clean_file.name)["queue"].name == "sanitise"
