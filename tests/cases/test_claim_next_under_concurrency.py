"""Start reviewing: two people at the same moment never get the same case."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from accounts.models import User
from cases import leases, queue
from cases.models import Case
from tests.cases.queue_cases import add_cases

REVIEWS_EACH = 10


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_connections_share_a_queue_and_no_case_goes_twice(
    moderator: User, other_moderator: User
) -> None:
    add_cases(2 * REVIEWS_EACH)
    together = Barrier(2)

    def review(user: User) -> Callable[[], list[int]]:
        def run() -> list[int]:
            together.wait()
            try:
                return [claim(user) for _ in range(REVIEWS_EACH)]
            finally:
                connections.close_all()

        return run

    with ThreadPoolExecutor(2) as threads:
        first, second = (
            threads.submit(review(moderator)),
            threads.submit(review(other_moderator)),
        )
        taken = [*first.result(), *second.result()]

    assert sorted(taken) == sorted(Case.objects.values_list("pk", flat=True))
    assert len(set(taken)) == 2 * REVIEWS_EACH


def claim(user: User) -> int:
    cases = queue.ordered(user=user, filters=queue.Filters())
    case = leases.claim_next(actor=user, cases=cases)
    assert case is not None
    return case.pk
