"""The zone runs as a user of its own: it reads public halves, and no private one."""

import os
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE
from uuid import uuid4

import pytest

from intake.columns import today
from intake.epochs import make_epoch
from intake.vault import roster
from intake.vault.roster import Custodian


@pytest.fixture(params=[0o077, 0o000], ids=["strict", "lax"])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(directory: Path) -> set[int]:
    return {S_IMODE(path.stat().st_mode) for path in directory.iterdir()}


@pytest.mark.usefixtures("umask")
def test_the_group_reads_public_halves_and_nobody_else_reads_private_ones(tmp_path: Path) -> None:
    public, private = tmp_path / "public", tmp_path / "private"
    make_epoch(number=1, begun_on=today(), public_directory=public, private_directory=private)
    roster.publish(public, [Custodian(uuid4(), b"a public key")])
    assert modes(public) == {0o640}
    assert modes(private) == {0o600}
    assert S_IMODE(private.stat().st_mode) & 0o077 == 0
