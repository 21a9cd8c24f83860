"""What the audit trail costs: 32 writers at once, with events and without.

    python benchmarks/audit_writers.py [--writers 32] [--seconds 5] [--json]

Each writer changes a row of its own and commits, as a verb does. The two ways take turns, so
that a slower minute of the machine falls on both. A sealer runs beside the writers with events.
"""

import argparse
import json
import os
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

from config.services import ensure_services

ensure_services()

import django  # noqa: E402  (the services come first)

django.setup()

from django.db import connection, connections, transaction  # noqa: E402  (Django comes first)
from django.test.utils import setup_databases, teardown_databases  # noqa: E402

from accounts import audit, sealing  # noqa: E402
from accounts.models import AuditEvent, User  # noqa: E402
from accounts.verification import verify  # noqa: E402

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        users = [
            User.objects.create_user(email=f"writer{n}@desk.example", name=f"Writer {n}")
            for n in range(options.writers)
        ]
        off, on = [], []
        for _ in range(ROUNDS):
            off.append(round_of(users, with_events=False, seconds=options.seconds))
            on.append(round_of(users, with_events=True, seconds=options.seconds))
        while sealing.seal():
            pass
        found = verify()
        facts = {
            "writers": options.writers,
            "writes_per_second_without_events": round(sorted(off)[ROUNDS // 2], 1),
            "writes_per_second_with_events": round(sorted(on)[ROUNDS // 2], 1),
            "ratio": round(sorted(on)[ROUNDS // 2] / sorted(off)[ROUNDS // 2], 3),
            "events": AuditEvent.objects.count(),
            "sealed": found.sealed,
            "chain_whole": found.broken is None and found.unsealed == 0,
        }
    finally:
        connections.close_all()
        teardown_databases(databases, verbosity=0)
    if options.json:
        print(json.dumps(facts))
    else:
        for name, value in facts.items():
            print(f"{name.replace('_', ' '):36} {value}")
    if not facts["chain_whole"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
