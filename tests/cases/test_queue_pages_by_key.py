"""Pages of the queue: complete, without gaps or repeats, in every order and both ways."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import BadRequest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from cases import queue
from cases.models import Case
from tests.cases.queue_cases import add_cases, numbers

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
# Few distinct values on purpose: ties are where a page by key goes wrong.
hours = st.integers(0, 3)
drawn_cases = st.lists(
    st.tuples(hours, st.sampled_from(Case.Priority.values), st.integers(0, 2), hours),
    max_size=30,
)


def walk_forward(user: User, filters: queue.Filters, size: int) -> list[list[int]]:
    pages, after = [], ""
    while True:
        page = queue.page(user=user, filters=filters, after=after, size=size)
        pages.append(numbers(page.rows))
        if page.after is None:
            return pages
        after = page.after


def walk_backward(user: User, filters: queue.Filters, size: int, cursor: str) -> list[int]:
    found: list[int] = []
    while True:
        page = queue.page(user=user, filters=filters, before=cursor, size=size)
        found = numbers(page.rows) + found
        if page.before is None:
            return found
        cursor = page.before


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=drawn_cases, order=st.sampled_from(queue.Order), size=st.integers(1, 7))
def test_every_case_is_on_exactly_one_page(
    moderator: User,
    drawn: list[tuple[int, int, int, int]],
    order: queue.Order,
    size: int,
) -> None:
    with transaction.atomic():
        for due, priority, reach, opened in drawn:
            add_cases(
                1,
                due_at=NOON + timedelta(hours=due),
                priority=priority,
                reach=reach,
                opened_at=NOON - timedelta(hours=opened),
            )
        filters = queue.Filters(order=order)

        pages = walk_forward(moderator, filters, size)
        everything = [number for page in pages for number in page]

        assert everything == numbers(queue.ordered(user=moderator, filters=filters))
        assert len(everything) == len(drawn)
        assert all(len(page) == size for page in pages[:-1])
        if len(drawn) > 1:
            last = Case.objects.get(pk=everything[-1])
            cursor = queue.KEYS[order].cursor(last)
            assert walk_backward(moderator, filters, size, cursor) == everything[:-1]
        transaction.set_rollback(True)


def test_orders_say_what_they_do(moderator: User) -> None:
    soon, wide, urgent, new = (
        add_cases(1, due_at=NOON, opened_at=NOON - timedelta(days=3))[0],
        add_cases(1, due_at=NOON + timedelta(1), reach=9, opened_at=NOON - timedelta(days=2))[0],
        add_cases(
            1,
            due_at=NOON + timedelta(2),
            priority=Case.Priority.URGENT,
            opened_at=NOON - timedelta(days=1),
        )[0],
        add_cases(1, due_at=NOON + timedelta(3), opened_at=NOON)[0],
    )

    def first(order: queue.Order) -> Case:
        return queue.page(user=moderator, filters=queue.Filters(order=order)).rows[0]

    assert first(queue.Order.DUE) == soon
    assert first(queue.Order.REACH) == wide
    assert first(queue.Order.PRIORITY) == urgent
    assert first(queue.Order.NEWEST) == new


def test_a_case_that_is_decided_meanwhile_shifts_no_page(moderator: User) -> None:
    cases = add_cases(6)
    first = queue.page(user=moderator, filters=queue.Filters(), size=3)
    Case.objects.filter(pk=cases[0].pk).update(state=Case.State.CLOSED, closed_at=NOON)

    second = queue.page(user=moderator, filters=queue.Filters(), after=first.after or "", size=3)

    assert numbers(second.rows) == numbers(cases[3:])


def test_a_page_before_the_first_case_is_the_first_page(moderator: User) -> None:
    cases = add_cases(3)
    cursor = queue.KEYS[queue.Order.DUE].cursor(cases[0])

    page = queue.page(user=moderator, filters=queue.Filters(), before=cursor, size=2)

    assert numbers(page.rows) == numbers(cases[:2])
    assert page.before is None


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "WyJhIl0", "é", "e30"])
def test_a_cursor_that_is_none_of_ours_is_a_bad_request(moderator: User, cursor: str) -> None:
    with pytest.raises(BadRequest):
        queue.page(user=moderator, filters=queue.Filters(), after=cursor)
