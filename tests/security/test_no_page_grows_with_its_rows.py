"""Every page and every list costs as many queries with many rows as with few.

The numbers are pinned in `query_counts.json`. After a change that is meant, write them anew with
`--pin-queries` and say in the commit which read was added, and why.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext

from tests.security.growing import grow
from tests.security.matrix import GET, ROWS, Row
from tests.security.sealed_reports import sent
from tests.security.walking import prepare, send, who_passes
from tests.security.world import World, undone

PINNED = Path(__file__).with_name("query_counts.json")
MANY = 20
# These have no rows, or are no pages: their cost is not ours to pin.
NOT_PINNED = {"api:schema", "api:docs", "api:no_such_address", "cases:landing"}
PAGES = [
    row
    for row in ROWS
    if row.method == GET and not row.is_of_allauth and row.name not in NOT_PINNED
]


def cost(world: World, row: Row) -> int:
    """The queries of the second visit: the first one fills what a process keeps."""
    who = who_passes(world, row)
    address, body = prepare(world, row, who)
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            read(send(world.browser(who), GET, address, body))
    return len(captured)


def read(answer: HttpResponse) -> None:
    """Read to the end. A download asks its questions while it is read."""
    assert answer.status_code == 200
    assert answer.getvalue()


def costs(world: World) -> dict[str, int]:
    found = {}
    for row in PAGES:
        with undone():
            found[row.name] = cost(world, row)
    return found


@pytest.fixture(scope="module")
def measured(built: World) -> Iterator[tuple[dict[str, int], dict[str, int]]]:
    """What each page costs where there is one more of everything, and where there are many."""
    with sent(MANY + 1) as reports, undone():
        grow(built, 0, reports[0])
        few = costs(built)
        for number, report in enumerate(reports[1:], start=1):
            grow(built, number, report)
        yield few, costs(built)


@pytest.fixture(scope="module")
def pinned(
    request: pytest.FixtureRequest, measured: tuple[dict[str, int], dict[str, int]]
) -> dict[str, int]:
    if request.config.getoption("--pin-queries"):
        PINNED.write_text(json.dumps(dict(sorted(measured[0].items())), indent=2) + "\n")
    counts: dict[str, int] = json.loads(PINNED.read_text())
    return counts


@pytest.mark.parametrize("row", PAGES, ids=str)
def test_it_costs_what_is_pinned_however_many_rows_it_has(
    row: Row, measured: tuple[dict[str, int], dict[str, int]], pinned: dict[str, int]
) -> None:
    few, many = measured
    assert (few[row.name], many[row.name]) == (pinned[row.name], pinned[row.name])


def test_nothing_is_pinned_that_is_not_there(pinned: dict[str, int]) -> None:
    assert set(pinned) == {row.name for row in PAGES}
