"""What it costs to ask whether somebody may see a case, with very many people and grants.

Every tenth case is restricted and opened to many people, so that grants decide and are not only
there.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial

from django.contrib.auth.models import Permission
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale, at_most, percentile
from benchmarks.full_desk import fill
from cases.models import Case, CaseUserAccess

CHECK_P95_MS = 10
CHECK_QUERIES = 2
PAGE_P95_MS = 80
RESTRICTED_SHARE = 10  # one case in so many

FILL = """
INSERT INTO accounts_user (password, is_superuser, email, name, is_active, date_joined)
SELECT '!', false, 'person' || n || '@desk.example', 'Person ' || n, true, now()
FROM generate_series(1, %(people)s) AS n;

INSERT INTO accounts_rolegrant (user_id, role, reason, starts_at, end_reason)
SELECT id, 'moderator', 'Benchmark', now(), '' FROM accounts_user WHERE email LIKE 'person%%';

UPDATE cases_case SET is_restricted = true WHERE number %% %(share)s = 0;

INSERT INTO cases_caseuseraccess
    (content_object_id, user_id, permission_id, reason, granted_at, end_reason)
SELECT c.number, p.id, %(permission)s, 'Benchmark', now(), ''
FROM (SELECT number, row_number() OVER (ORDER BY number) AS place
      FROM cases_case WHERE is_restricted) AS c
CROSS JOIN generate_series(1, %(each)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place
      FROM accounts_user WHERE email LIKE 'person%%') AS p
  ON p.place = 1 + (c.place * 7919 + n) %% %(people)s
"""
FILLED = ("accounts_user", "accounts_rolegrant", "cases_case", "cases_caseuseraccess")


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database():
        say(f"filling {scale.cases:,} cases, {scale.people:,} people")
        fill(scale.cases)
        grants = _fill(scale)
        pairs = _pairs(scale.rounds * 10)
        say("asking")
        may_see(*pairs[0])
        with CaptureQueriesContext(connection) as captured:
            may_see(*pairs[0])
        asked = len(captured)
        began = time.process_time()
        checks = [_milliseconds(partial(may_see, *pair)) for pair in pairs]
        processor = (time.process_time() - began) * 1000 / len(checks)
        client = Client()
        client.force_login(User.objects.get(pk=pairs[0][0]))
        client.get("/queue/")
        pages = [_milliseconds(partial(client.get, "/queue/")) for _ in range(scale.rounds)]
        with CaptureQueriesContext(connection) as captured:
            client.get("/queue/")
            # Counted now: the log is emptied when the next request begins.
            page_queries = len(captured)
    return [
        at_most(
            "may this person see this case, p95",
            percentile(checks, 0.95),
            "ms",
            CHECK_P95_MS,
            note=f"median {statistics.median(checks):.1f} ms, {processor:.1f} ms of them this "
            f"process's own; {scale.people:,} people, {grants:,} grants",
        ),
        at_most("queries of that check", asked, "", CHECK_QUERIES, note="the roles, then the case"),
        at_most(
            "queue page of somebody with grants, p95",
            percentile(pages, 0.95),
            "ms",
            PAGE_P95_MS,
            note=f"median {statistics.median(pages):.0f} ms, {page_queries} queries",
        ),
    ]


def may_see(user_pk: int, number: int) -> bool:
    """Ask as a page does: with the person loaded already, and the roles not yet."""
    return Case.objects.visible_to(User(pk=user_pk)).filter(pk=number).exists()


def _fill(scale: Scale) -> int:
    """Fill people and grants, and return how many grants there are."""
    permission = Permission.objects.get(
        content_type__app_label="cases", content_type__model="case", codename="view_case"
    )
    restricted = scale.cases // RESTRICTED_SHARE
    values = {
        "people": scale.people,
        "share": RESTRICTED_SHARE,
        "permission": permission.pk,
        "each": scale.access_grants // restricted,
    }
    with connections["owner"].cursor() as cursor:
        # The guards would check each grant of a role by itself.
        cursor.execute("ALTER TABLE accounts_rolegrant DISABLE TRIGGER USER")
        for statement in FILL.split(";\n\n"):
            cursor.execute(statement, values)
        cursor.execute("ALTER TABLE accounts_rolegrant ENABLE TRIGGER USER")
        for table in FILLED:
            cursor.execute(f"VACUUM ANALYZE {table}")
    return CaseUserAccess.access.count()


def _pairs(count: int) -> list[tuple[int, int]]:
    """People and restricted cases, half of them with a grant, each case another."""
    people = list(User.objects.filter(email__startswith="person").order_by("pk"))
    granted = CaseUserAccess.access.order_by("content_object_id", "user_id")
    granted = granted.distinct("content_object_id")[:count]
    pairs = []
    for place, (user_pk, number) in enumerate(granted.values_list("user_id", "content_object_id")):
        with_grant = place % 2 == 0
        pairs.append((user_pk if with_grant else people[place % len(people)].pk, number))
    return pairs


def _milliseconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000
