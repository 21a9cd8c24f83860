"""The queue on a very full desk: the API page and the HTML page, in every order and filter.

Both go through Django's test client, so that only the network is missing. What is loaded is kept
from the collector first, as the server does when it starts.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale, at_most, percentile
from benchmarks.full_desk import fill
from cases import queue
from cases.models import Case
from config.collector import spare_what_is_loaded

API_MEDIAN_MS, API_P95_MS, HTML_P95_MS = 15, 40, 80
INDEXES = {
    queue.Order.DUE: "case_by_due",
    queue.Order.PRIORITY: "case_by_priority",
    queue.Order.REACH: "case_by_reach",
    queue.Order.NEWEST: "case_by_opened",
}
FILTERS = {
    "one kind": "kind=network",
    "two states": "state=waiting&state=with_counsel",
    "one platform": "platform=relay",
    "reach over 1 million": "reach=1000000",
    "holds stand": "holds=some",
    "no hold": "holds=none",
    "lease free": "lease=free",
    "lease mine": "lease=mine",
    "lease of others": "lease=others",
    "view: mine": "view=mine",
    "view: second reviewer": "view=second",
    "find a case": "find=HF-4242",
    "find a handle": "find=account_4242",
    "find a name": "find=surname_4242",
    "several at once, by reach": "order=reach&kind=match&platform=wire&holds=some&lease=free",
}
# The API names two of the filters differently from the page.
API_FILTERS = {
    "one kind": "kind=network",
    "two states": "state=waiting&state=with_counsel",
    "one platform": "platform=relay",
    "reach over 1 million": "reach_over=1000000",
    "holds stand": "held=true",
    "no hold": "held=false",
    "lease free": "lease=free",
    "lease mine": "lease=mine",
    "find a handle": "find=account_4242",
    "find a name": "find=surname_4242",
}


@dataclass(frozen=True, slots=True)
class Answered:
    """What one address cost. Times in milliseconds, through Django's test client.

    `cpu_ms` is the time of this process alone: on a busy machine it says more than the clock.
    """

    asked: str
    median_ms: float
    p95_ms: float
    cpu_ms: float
    queries: int


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database():
        say(f"filling {scale.cases:,} cases")
        client = Client()
        reader = fill(scale.cases)
        client.force_login(reader)
        spare_what_is_loaded()
        unindexed = [order.label for order in queue.Order if not index_used(reader, order)]
        orders = {f"order {order.value}": f"order={order.value}" for order in queue.Order}
        (nothing,) = _answers(client, "/api/v1/nothing/", {"": ""}, scale.rounds, say, status=404)
        api = list(_answers(client, "/api/v1/cases/", orders | API_FILTERS, scale.rounds, say))
        html = list(_answers(client, "/queue/", asked(), scale.rounds, say))
    fewest, most = min(one.queries for one in html), max(one.queries for one in html)
    slow_median = max(api, key=lambda one: one.median_ms)
    slow_api = max(api, key=lambda one: one.p95_ms)
    slow_html = max(html, key=lambda one: one.p95_ms)
    first = html[0]
    return [
        at_most(
            "queue API, page of 50, slowest median",
            slow_median.median_ms,
            "ms",
            API_MEDIAN_MS,
            note=f"{slow_median.asked}, {scale.cases:,} cases; an address with nothing behind it: "
            f"{nothing.median_ms:.1f} ms; of the process alone at most "
            f"{max(one.cpu_ms for one in api):.1f} ms",
        ),
        at_most(
            "queue API, page of 50, slowest p95",
            slow_api.p95_ms,
            "ms",
            API_P95_MS,
            note=f"{slow_api.asked}; nothing: {nothing.p95_ms:.1f} ms",
        ),
        at_most(
            "queue page, HTML, slowest p95",
            slow_html.p95_ms,
            "ms",
            HTML_P95_MS,
            note=f"{slow_html.asked}; {first.asked}: median {first.median_ms:.0f} ms; of the "
            f"process alone at most {max(one.cpu_ms for one in html):.0f} ms",
        ),
        Figure(
            "queries of a queue page",
            most,
            "",
            f"{fewest} to {most} over {len(html)} orders and filters; API "
            f"{min(one.queries for one in api)} to {max(one.queries for one in api)}",
        ),
        Figure(
            "orders that use their index",
            len(queue.Order) - len(unindexed),
            "",
            f"of {len(queue.Order)}" + "".join(f"; not: {name}" for name in unindexed),
            not unindexed,
        ),
    ]


def asked() -> dict[str, str]:
    """Every address to measure, by what it asks."""
    addresses = {}
    for order in queue.Order:
        addresses[f"{order.label.lower()}, first page"] = f"order={order}"
        middle = Case.objects.order_by("number")[Case.objects.count() // 2]
        cursor = queue.KEYS[order].cursor(middle)
        addresses[f"{order.label.lower()}, from the middle"] = f"order={order}&after={cursor}"
    return addresses | FILTERS


def index_used(reader: User, order: queue.Order) -> bool:
    filters = queue.Filters(order=order)
    plan = queue.ordered(user=reader, filters=filters)[:51].explain()
    return INDEXES[order] in plan and "Sort" not in plan


def _answers(
    client: Client,
    address: str,
    queries: dict[str, str],
    rounds: int,
    say: Say,
    *,
    status: int = 200,
) -> Iterator[Answered]:
    for asked, query in queries.items():
        say(f"{address} {asked}")

        def ask(address: str = f"{address}?{query}") -> None:
            answer = client.get(address)
            assert answer.status_code == status, (address, answer.status_code)

        with CaptureQueriesContext(connection) as captured:
            ask()
        # Counted now: the log is emptied when the next request begins.
        count = len(captured)
        times, of_process = zip(*_milliseconds(ask, rounds), strict=True)
        yield Answered(
            asked,
            median_ms=statistics.median(times),
            p95_ms=percentile(times, 0.95),
            cpu_ms=statistics.median(of_process),
            queries=count,
        )


def _milliseconds(run: Callable[[], None], rounds: int) -> Iterator[tuple[float, float]]:
    """By the clock, and of this process."""
    for _ in range(rounds):
        began, began_cpu = time.perf_counter(), time.process_time()
        run()
        yield (time.perf_counter() - began) * 1000, (time.process_time() - began_cpu) * 1000
