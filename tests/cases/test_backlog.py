"""How many cases wait, by when they are due, counted no further than a limit."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from cases.backlog import urgencies
from cases.keyset import Count
from cases.models import Case
from tests.cases.queue_cases import add_cases

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OVERDUE, TODAY, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1), NOW + timedelta(days=2)


def counted(*, limit: int) -> list[Count]:
    found = urgencies(Case.objects.all(), NOW, limit=limit)
    return [found.overdue, found.today, found.later]


def test_nothing_waits() -> None:
    assert counted(limit=3) == [Count(0), Count(0), Count(0)]


def test_each_group_is_counted_exactly_within_the_limit() -> None:
    add_cases(1, due_at=OVERDUE)
    add_cases(2, due_at=TODAY)
    add_cases(3, due_at=LATER)

    assert counted(limit=6) == [Count(1), Count(2), Count(3)]


def test_the_group_where_counting_stops_may_hold_more_and_so_may_those_after_it() -> None:
    add_cases(1, due_at=OVERDUE)
    add_cases(3, due_at=TODAY)
    add_cases(2, due_at=LATER)

    assert counted(limit=3) == [Count(1), Count(2, True), Count(0, True)]
    assert counted(limit=4) == [Count(1), Count(3), Count(0, True)]
    assert counted(limit=5) == [Count(1), Count(3), Count(1, True)]


def test_the_total_is_the_limit_and_more() -> None:
    add_cases(5, due_at=OVERDUE)

    assert urgencies(Case.objects.all(), NOW, limit=4).total == Count(4, True)


def test_what_is_due_at_midnight_is_due_later() -> None:
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    add_cases(1, due_at=midnight)
    add_cases(1, due_at=midnight - timedelta(seconds=1))

    assert counted(limit=3) == [Count(0), Count(1), Count(1)]


def test_it_reads_the_groups_in_one_query() -> None:
    add_cases(3, due_at=TODAY)

    with CaptureQueriesContext(connection) as captured:
        counted(limit=2)

    assert len(captured) == 1


def test_the_menu_shows_what_the_page_counted_and_does_not_count_again(moderator: User) -> None:
    add_cases(2)
    client = Client()
    client.force_login(moderator)

    with CaptureQueriesContext(connection) as captured:
        page = client.get(reverse("cases:queue"))

    queue_item = next(i for i in page.context["navigation"]() if i.label == "Queue")
    assert str(queue_item.count) == "2"
    whole_queue = [q for q in captured.captured_queries if '"cases_case"."due_at"' in q["sql"]]
    assert len(whole_queue) == 2
