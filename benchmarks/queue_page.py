"""How fast the queue answers when the desk is very full.

Run: python benchmarks/queue_page.py [--cases 1000000] [--rounds 20] [--json]

It makes a database of its own beside the others, fills it by bulk SQL, and drops it at the
end. For each order (first page, and one from the middle) and each filter it measures two
things: the read alone, which is what an API page costs, and the whole HTML page through
Django's test client. The limits are the design's: a read within 15 ms median and 40 ms
p95, an HTML page within 80 ms p95. Exit 1 when one is passed, when the number of queries
moves, or when an order does not use its index.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

from config.services import ensure_services

ensure_services()
django.setup()

from django.db import connection, connections  # noqa: E402  (after the settings are named)
from django.http import QueryDict  # noqa: E402  (after the settings are named)
from django.test import Client  # noqa: E402  (after the settings are named)
from django.test.utils import CaptureQueriesContext, setup_databases, teardown_databases  # noqa: E402  (after the settings are named)

from accounts.models import RoleGrant, User  # noqa: E402  (after the settings are named)
from accounts.roles import Role  # noqa: E402  (after the settings are named)
from cases import queue, queue_rows  # noqa: E402  (after the settings are named)
from platforms.models import Platform  # noqa: E402  (after the settings are named)
from sanctions.models import Source  # noqa: E402  (after the settings are named)

READ_MEDIAN_MS, READ_P95_MS, HTML_P95_MS = 15, 40, 80
DESIGNATIONS = 20_000
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

FILL = """
INSERT INTO sanctions_designation (source_id, entry_key, kind, primary_name, programs, listed_at)
SELECT (SELECT id FROM sanctions_source), n::text, 'person', 'SURNAME_' || n || ', Given',
    '{SDGT}', now() FROM generate_series(1, %(designations)s) AS n;

INSERT INTO platforms_profile (platform_id, external_id, handle, display_name, bio, links,
    country, date_of_birth, image_fingerprints, is_verified, reach, version_number,
    observed_state, is_held, next_read_at, first_seen_at)
SELECT (SELECT min(id) FROM platforms_platform) + n %% 4, n::text, 'account_' || n, '', '', '{}',
    '', '', '{}', false, (random() ^ 6 * 5000000)::bigint, 1, 'not_read', n %% 5 = 0, now(), now()
FROM generate_series(1, %(cases)s) AS n;

INSERT INTO platforms_hold (profile_id, kind, source, entry_key, title, detail, effect,
    territory, placed_at, placed_by_id)
SELECT id, 'designation', 'sample', id::text, 'Designation, SL ' || id, '', 'suspend', '', now(),
    (SELECT min(id) FROM accounts_user) FROM platforms_profile WHERE is_held;

INSERT INTO cases_case (number, kind, state, priority, question, opened_because, version,
    is_restricted, opened_at, due_at, clock_began_at, reach, assignee_id, lease_holder_id,
    lease_ends_at)
SELECT n,
    (ARRAY['match', 'match', 'match', 'match', 'ban_evasion', 'network', 'incident',
           'delisting'])[1 + n %% 8],
    CASE n %% 40 WHEN 0 THEN 'waiting' WHEN 1 THEN 'with_counsel' WHEN 2 THEN 'proposed'
        ELSE 'open' END,
    2 - (n %% 20 = 0)::int - (n %% 4 = 0)::int, 'Is it the listed person?', 'SURNAME, Given · 0.91',
    1, n %% 1000 = 0, now() - random() * interval '30 days',
    now() + (random() - 0.05) * interval '20 days', now(), p.reach,
    CASE WHEN n %% 5000 = 0 THEN %(reader)s END,
    CASE WHEN n %% 20000 = 0 THEN %(reader)s WHEN n %% 500 = 0 THEN %(other)s END,
    CASE WHEN n %% 500 = 0 THEN now() + interval '1 hour' END
FROM generate_series(1, %(cases)s) AS n JOIN platforms_profile p ON p.external_id = n::text;

INSERT INTO cases_caseprofile (case_id, profile_id, is_primary, is_open)
SELECT external_id::bigint, id, true, true FROM platforms_profile;

INSERT INTO cases_casedesignation (case_id, designation_id)
SELECT number, (SELECT min(id) FROM sanctions_designation) + number %% %(designations)s
FROM cases_case;
"""
FILLED = (
    "platforms_platform",
    "sanctions_designation",
    "platforms_profile",
    "platforms_hold",
    "cases_case",
    "cases_caseprofile",
    "cases_casedesignation",
)


def fill(cases: int) -> User:
    """Fill the database and return the reader: a moderator."""
    reader = User.objects.create_user(email="reader@desk.example", name="Reader")
    other = User.objects.create_user(email="other@desk.example", name="Other")
    RoleGrant.objects.create(user=reader, role=Role.MODERATOR, reason="Benchmark")
    owner = connections["owner"]
    for name in ("Lumen", "Wire", "Relay", "Vista"):
        Platform.objects.create(slug=name.lower(), name=name, connector="holdfast-http")
    Source.objects.create(slug="sample", name="Sample list", short_name="SL", publisher="Nobody")
    with owner.cursor() as cursor:
        # The guards would check each row of a history that never happened.
        cursor.execute("ALTER TABLE platforms_hold DISABLE TRIGGER USER")
        numbers = {"cases": cases, "designations": DESIGNATIONS}
        people = {"reader": reader.pk, "other": other.pk}
        for statement in FILL.split(";\n\n"):
            cursor.execute(statement, numbers | people)
        cursor.execute("ALTER TABLE platforms_hold ENABLE TRIGGER USER")
        for table in FILLED:
            cursor.execute(f"VACUUM ANALYZE {table}")
    return reader


def milliseconds(run: Callable[[], object], rounds: int) -> tuple[float, float]:
    """Run it, once without counting, and return median and p95."""
    run()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        run()
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return statistics.median(times), times[min(len(times) - 1, round(len(times) * 0.95))]


def asked() -> dict[str, str]:
    """Every address to measure, by what it asks."""
    addresses = {}
    for order in queue.Order:
        addresses[f"{order.label.lower()}, first page"] = f"order={order}"
        middle = queue.Case.objects.order_by("number")[queue.Case.objects.count() // 2]
        cursor = queue.KEYS[order].cursor(middle)
        addresses[f"{order.label.lower()}, from the middle"] = f"order={order}&after={cursor}"
    return addresses | FILTERS


def index_used(reader: User, order: queue.Order) -> bool:
    filters = queue.Filters(order=order)
    plan = queue.ordered(user=reader, filters=filters)[:51].explain()
    return INDEXES[order] in plan and "Sort" not in plan


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print one object at the end")
    options = parser.parse_args()
    for alias in connections:
        connections[alias].settings_dict["TEST"]["NAME"] = "holdfast_benchmark"
    databases = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    try:
        return measure(options.cases, options.rounds, as_json=options.json)
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)


def measure(cases: int, rounds: int, *, as_json: bool) -> int:
    began = time.perf_counter()
    reader = fill(cases)
    filled = time.perf_counter() - began
    client = Client()
    client.force_login(reader)
    failures = [
        f"{order.label} does not use {INDEXES[order]}"
        for order in queue.Order
        if not index_used(reader, order)
    ]
    results = []
    for name, query in asked().items():
        arguments = QueryDict(query)
        filters = queue.Filters.from_query(arguments)
        after = arguments.get("after", "")

        def read(filters: queue.Filters = filters, after: str = after) -> object:
            return queue_rows.rows(queue.page(user=reader, filters=filters, after=after).rows)

        def html(query: str = query) -> object:
            response = client.get(f"/queue/?{query}")
            assert response.status_code == 200
            return response

        read_median, read_p95 = milliseconds(read, rounds)
        html_median, html_p95 = milliseconds(html, rounds)
        with CaptureQueriesContext(connection) as queries:
            html()
        results.append(
            {
                "asked": name,
                "read_median_ms": round(read_median, 1),
                "read_p95_ms": round(read_p95, 1),
                "html_median_ms": round(html_median, 1),
                "html_p95_ms": round(html_p95, 1),
                "queries": len(queries),
            }
        )
        if read_median > READ_MEDIAN_MS or read_p95 > READ_P95_MS or html_p95 > HTML_P95_MS:
            failures.append(f"{name} is too slow")
        if not as_json:
            print(
                f"{name:32} read {read_median:7.1f} {read_p95:7.1f} ms   "
                f"html {html_median:7.1f} {html_p95:7.1f} ms   {len(queries)} queries",
                flush=True,
            )
    if as_json:
        summary = {"cases": cases, "rounds": rounds, "fill_seconds": round(filled, 1)}
        print(json.dumps(summary | {"results": results, "failures": failures}))
    else:
        print(f"{cases} cases, filled in {filled:.0f} s. Columns: median and p95.")
        print(
            f"Load of this machine meanwhile: {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores."
        )
        for failure in failures:
            print(f"FAILED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
