"""Find writes that no event stands beside, from the statements that a request sent."""

import re
from collections.abc import Iterable

RECORD = "accounts_auditevent"
# Sessions, and when somebody signed in, are no acts of their own.
NO_ACT = re.compile(r'"accounts_desksession"|^UPDATE "accounts_user" SET "last_login"')
WRITE = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


def writes_without_an_event(statements: Iterable[str]) -> list[str]:
    """Return the tables written in a transaction that wrote no event.

    In these tests every request runs inside one transaction, so each outermost savepoint is
    what would be a transaction elsewhere. A write outside of any would be one of its own.
    """
    alone: list[str] = []
    open_blocks: list[list[str]] = []
    for statement in statements:
        if statement.startswith("SAVEPOINT"):
            open_blocks.append([])
        elif statement.startswith("ROLLBACK TO SAVEPOINT"):
            open_blocks[-1].clear()
        elif statement.startswith("RELEASE SAVEPOINT"):
            done = open_blocks.pop()
            if open_blocks:
                open_blocks[-1].extend(done)
            elif RECORD not in done:
                alone += done
        elif (written := WRITE.match(statement)) and not NO_ACT.search(statement):
            table = written.group(1)
            if open_blocks:
                open_blocks[-1].append(table)
            elif table != RECORD:
                alone.append(table)
    return alone
