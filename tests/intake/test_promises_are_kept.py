"""Every promise on the page names what keeps it, and its numbers are those that are enforced."""

import re
from importlib import import_module

from config.celery import app
from intake import promises, terms


def test_each_promise_names_code_that_is_there() -> None:
    """Shown to fail by renaming what a promise names."""
    for sentence in promises.promises():
        module, _, name = sentence.kept_by.rpartition(".")
        try:
            import_module(sentence.kept_by)
        except ModuleNotFoundError:
            assert hasattr(import_module(module), name), sentence.kept_by


def test_ended_visits_are_swept_as_often_as_the_promise_counts_on() -> None:
    """Shown to fail by a schedule of an hour."""
    schedules = [
        entry["schedule"]
        for entry in app.conf.beat_schedule.values()
        if entry["task"] == "intake.tasks.sweep_traces"
    ]
    assert schedules == [terms.SESSION_SWEEP_MINUTES * 60]


def test_each_number_in_a_promise_is_an_enforced_term() -> None:
    enforced = {terms.UNCLAIMED_DAYS, terms.CLOSED_DAYS, terms.SESSION_ERASED_MINUTES}
    said = {
        int(number)
        for sentence in promises.promises()
        for number in re.findall(r"\d+", sentence.text)
    }
    assert said == enforced
    assert str(terms.UNOPENED_INBOX_DAYS) in promises.inbox_survives()
