"""What the audit trail costs: many writers at once, with events and without.

Each writer changes a row of its own and commits, as a verb does. The two ways take turns, so
that a slower minute of the machine falls on both. A sealer runs beside the writers with events.
"""

import threading
import time

from django.db import connection, transaction

from accounts import audit, sealing
from accounts.models import AuditEvent, User
from accounts.verification import verify
from benchmarks.database import own_database
from benchmarks.figures import Figure, Say, Scale

ROUNDS = 3


def write(user: User, *, with_events: bool, stop: threading.Event, done: list[int]) -> None:
    count = 0
    while not stop.is_set():
        with transaction.atomic():
            locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
            locked.name = f"Writer {count}"
            locked.save(update_fields=["name"])
            if with_events:
                audit.record(actor=locked, verb="rename", target=locked, changes={"field": "name"})
        count += 1
    done.append(count)
    connection.close()


def seal(stop: threading.Event) -> None:
    while not stop.wait(1):
        sealing.seal()
    connection.close()


def round_of(users: list[User], *, with_events: bool, seconds: float) -> float:
    """Return the writes a second of all writers together."""
    stop, done = threading.Event(), list[int]()
    threads = [
        threading.Thread(
            target=write,
            args=(user,),
            kwargs={"with_events": with_events, "stop": stop, "done": done},
        )
        for user in users
    ]
    if with_events:
        threads.append(threading.Thread(target=seal, args=(stop,)))
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def measure(scale: Scale, say: Say) -> list[Figure]:
    with own_database():
        users = [
            User.objects.create_user(email=f"writer{n}@desk.example", name=f"Writer {n}")
            for n in range(scale.writers)
        ]
        without, with_events = [], []
        for number in range(1, ROUNDS + 1):
            say(f"{scale.writers} writers, round {number} of {ROUNDS}")
            without.append(round_of(users, with_events=False, seconds=scale.writing_seconds))
            with_events.append(round_of(users, with_events=True, seconds=scale.writing_seconds))
        while sealing.seal():
            pass
        found = verify()
        events = AuditEvent.objects.count()
    off, on = sorted(without)[ROUNDS // 2], sorted(with_events)[ROUNDS // 2]
    return [
        Figure(
            f"writes with the audit trail, {scale.writers} writers",
            on,
            "writes/s",
            f"{off:,.0f} without it ({on / off:.2f}x), median of {ROUNDS} rounds",
        ),
        Figure(
            "events sealed, chain verified",
            found.sealed,
            "events",
            f"{events:,} written",
            found.broken is None and found.unsealed == 0 and found.sealed == events,
        ),
    ]
