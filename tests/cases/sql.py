"""Attack as the role the application connects as: with SQL, past every verb."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction


@contextmanager
def refused_with(sqlstate: str, saying: str = "") -> Iterator[None]:
    """Expect the database to refuse, at the latest when the transaction would be committed."""
    # What is refused at commit is refused in here, so that a test can go on afterwards.
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():  # noqa: PT012  both may refuse
        yield
        connection.check_constraints()
    cause = refusal.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.sqlstate == sqlstate, str(cause)
    assert saying in str(cause)


def run_sql(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Do all of it at once, each on a connection of its own. Returns results, or refusals."""
    together = threading.Barrier(len(works))
    results: list[object] = [None] * len(works)

    def run(place: int, work: Callable[[], object]) -> None:
        try:
            together.wait()
            results[place] = work()
        except Exception as refusal:
            results[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
