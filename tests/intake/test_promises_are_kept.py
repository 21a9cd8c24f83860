"""Every promise on the page names what keeps it, and its numbers are those that are enforced."""

import re
from importlib import import_module

import pytest

from accounts.models import User
from config.celery import app
from intake import promises, terms
from intake.rotation import Folders


@pytest.mark.django_db
@pytest.mark.parametrize("room", ["keys", "vault"])
def test_each_promise_names_code_that_is_there(request: pytest.FixtureRequest, room: str) -> None:
    """Shown to fail by renaming what a promise names. Custodians change what is promised."""
    request.getfixturevalue(room)
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


def test_each_number_in_a_promise_is_an_enforced_term(keys: Folders) -> None:
    enforced = {
        terms.UNCLAIMED_DAYS,
        terms.CLOSED_DAYS,
        terms.SESSION_ERASED_MINUTES,
        terms.HOLD_DAYS_AT_MOST,
    }
    said = {
        int(number)
        for sentence in promises.promises()
        for number in re.findall(r"\d+", sentence.text)
    }
    assert said == enforced
    assert str(terms.UNOPENED_INBOX_DAYS) in promises.inbox_survives()


@pytest.mark.django_db
def test_each_number_about_an_identity_is_an_enforced_term(vault: list[User]) -> None:
    enforced = {
        terms.OBJECTION_HOURS,
        terms.IDENTITY_VISIBLE_HOURS,
        terms.IDENTITY_DAYS_AFTER_CLOSING,
    }
    said = {
        int(number)
        for text in [promises.promises()[0].text, *promises.identity_terms()]
        for number in re.findall(r"\d+", text)
    }
    assert said == enforced


def test_releases_are_ended_within_minutes_of_their_time() -> None:
    """Shown to fail by leaving the task out of the schedule."""
    schedules = [
        entry["schedule"]
        for entry in app.conf.beat_schedule.values()
        if entry["task"] == "intake.tasks.end_releases"
    ]
    assert schedules == [300]
