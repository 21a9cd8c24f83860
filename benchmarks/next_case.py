"""Two hundred reviewers who take the next case, think, and take another one, on a very full desk.

The server's threads are here, each with a connection of its own; the reviewers are times at which
the next one asks. Nobody gives a case back, so that no case may be given out twice.
"""

import heapq
import random
import statistics
import threading
import time
from dataclasses import dataclass, field

from django.db import connection

from accounts.models import RoleGrant, User
from accounts.roles import Role
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale, at_most, percentile
from benchmarks.full_desk import fill
from cases import leases, queue
from config.collector import spare_what_is_loaded

CLAIM_P95_MS = 100
REVIEWERS = 200
THINK_SECONDS = 30.0
SERVER_THREADS = 16
SEED = 5


@dataclass(slots=True)
class Desk:
    """Who asks next and when, and what every claim cost and gave."""

    waiting: list[tuple[float, int]]
    ends_at: float
    random: random.Random
    guard: threading.Lock = field(default_factory=threading.Lock)
    milliseconds: list[float] = field(default_factory=list)
    given: list[int] = field(default_factory=list)

    def next_reviewer(self) -> tuple[float, int] | None:
        """When and for whom the next claim is due. None after the end."""
        with self.guard:
            due, reviewer = heapq.heappop(self.waiting)
            return (due, reviewer) if due < self.ends_at else None

    def has_claimed(self, reviewer: int, milliseconds: float, case: int) -> None:
        """Note the claim and let the reviewer think."""
        with self.guard:
            self.milliseconds.append(milliseconds)
            self.given.append(case)
            due = time.perf_counter() + self.random.expovariate(1 / THINK_SECONDS)
            heapq.heappush(self.waiting, (due, reviewer))


def serve(desk: Desk) -> None:
    while asked := desk.next_reviewer():
        due, reviewer = asked
        time.sleep(max(0.0, due - time.perf_counter()))
        actor = User.objects.get(pk=reviewer)
        began = time.perf_counter()
        case = leases.claim_next(
            actor=actor, cases=queue.ordered(user=actor, filters=queue.Filters())
        )
        took = (time.perf_counter() - began) * 1000
        assert case is not None, "The desk is larger than what is claimed in the time."
        desk.has_claimed(reviewer, took, case.pk)
    connection.close()


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database():
        say(f"filling {scale.cases:,} cases")
        fill(scale.cases)
        reviewers = _reviewers()
        spare_what_is_loaded()
        say(f"{REVIEWERS} reviewers, {scale.claiming_seconds:.0f} s")
        chance = random.Random(SEED)
        began = time.perf_counter()
        desk = Desk(
            # They have come in over one pause: the first claims are spread as the later ones.
            waiting=[(began + chance.random() * THINK_SECONDS, pk) for pk in reviewers],
            ends_at=began + scale.claiming_seconds,
            random=chance,
        )
        heapq.heapify(desk.waiting)
        threads = [threading.Thread(target=serve, args=(desk,)) for _ in range(SERVER_THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    twice = len(desk.given) - len(set(desk.given))
    return [
        at_most(
            "next case, the claim itself, p95",
            percentile(desk.milliseconds, 0.95),
            "ms",
            CLAIM_P95_MS,
            note=f"{len(desk.given):,} claims by {REVIEWERS} reviewers with {THINK_SECONDS:.0f} s "
            f"to think, {scale.cases:,} cases; median "
            f"{statistics.median(desk.milliseconds):.0f} ms",
        ),
        at_most("cases leased twice", twice, "", 0),
    ]


def _reviewers() -> list[int]:
    people = User.objects.bulk_create(
        User(email=f"reviewer{n}@desk.example", name=f"Reviewer {n}") for n in range(REVIEWERS)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(user=user, role=Role.MODERATOR, reason="Benchmark") for user in people
    )
    return [user.pk for user in people]
