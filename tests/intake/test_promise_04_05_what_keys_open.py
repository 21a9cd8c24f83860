"""Promises 4 and 5: database and intake environment decrypt nothing; the desk's keys, content."""

import os
import subprocess
import sys
from uuid import UUID

import pytest

from config.settings import intake as zone_settings
from intake import envelopes, epochs, inbox, reading
from intake.envelopes import NotOpened
from intake.models import KeyWrap, Report
from intake.receipts import Receipt
from intake.rotation import Folders
from intake.submission import report_place, wrap_place
from intake.vault import sealing
from intake.vault.giving import identity_place, share_place
from tests.intake.attacker import every_value
from tests.intake.conftest import NARRATIVE
from tests.intake.zone import REPOSITORY, as_the_zone

CONTENT = ("accounts", "person", "narrative", "languages", "summary", "message_count")


def candidate_keys(folders: Folders) -> set[bytes]:
    """Every run of 32 bytes that the thief holds: rows, public halves, peppers, the secret key."""
    held = [bytes(value) for _, _, value in every_value("intake") if isinstance(value, memoryview)]
    held += [value for _, _, value in every_value("intake") if isinstance(value, bytes)]
    for epoch in epochs.public_epochs(folders.public):
        held += [epoch.pepper, epoch.public_key]
    held.append(zone_settings.SECRET_KEY.encode().ljust(32, b"\0"))
    return {value[start : start + 32] for value in held for start in range(max(len(value) - 31, 1))}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_nothing_the_thief_of_database_and_intake_holds_is_a_key(
    sent: tuple[Receipt, Report], folders: Folders
) -> None:
    """Shown to fail by making the pepper the report key (`report_key = epoch.pepper`)."""
    report = sent[1]
    wraps = list(report.wraps.all())
    for key in candidate_keys(folders):
        if len(key) != envelopes.KEY_BYTES:
            continue
        for column in CONTENT:
            with pytest.raises(NotOpened):
                envelopes.unseal(key, bytes(getattr(report, column)), _place(report.pk, column))
        for wrap in wraps:
            with pytest.raises(NotOpened):
                envelopes.unwrap_for_reporter(
                    bytes(wrap.wrapped), key, wrap.kid, wrap_place(report.pk, wrap.pk)
                )


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_desk_wrap_does_not_open_with_what_the_zone_knows(
    sent: tuple[Receipt, Report], folders: Folders
) -> None:
    wrap = sent[1].wraps.get(holder=KeyWrap.Holder.DESK)
    stranger, _ = envelopes.new_key_pair()
    with pytest.raises(NotOpened):
        envelopes.unwrap_for_desk(
            bytes(wrap.wrapped), stranger, wrap.kid, wrap_place(sent[1].pk, wrap.pk)
        )
    with pytest.raises(epochs.NoEpoch):
        epochs.private_key(folders.public / "nowhere", wrap.kid)
    for path in folders.public.glob("*"):
        assert "private" not in path.read_text()


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_desks_keys_open_content_and_no_identity(
    named: tuple[Receipt, Report], folders: Folders
) -> None:
    """Shown to fail by sealing the identity under the report's key."""
    report = named[1]
    report_key = reading.report_key(report)
    assert (
        envelopes.unseal(report_key, bytes(report.narrative), _place(report.pk, "narrative"))
        == NARRATIVE
    )
    wrap = report.wraps.get(holder=KeyWrap.Holder.DESK)
    private = epochs.private_key(folders.private, wrap.kid)
    identity = report.identity
    for key in candidate_keys(folders) | {report_key}:
        if len(key) == envelopes.KEY_BYTES:
            with pytest.raises(NotOpened):
                sealing.open_identity(
                    key, bytes(identity.content), identity_place(report.pk, identity.pk)
                )
    for share in identity.shares.all():
        with pytest.raises(NotOpened):
            sealing.open_share(
                bytes(share.sealed),
                private,
                place=share_place(report.pk, share.pk, share.part),
                key=share.key,
                partner=share.partner,
            )


def test_the_zone_has_no_setting_that_names_a_private_key() -> None:
    """Shown to fail by letting `config.settings.intake` import the base settings."""
    named = [name for name in dir(zone_settings) if "PRIVATE" in name]
    assert named == []


def test_the_zone_refuses_to_start_where_it_is_told_of_private_keys() -> None:
    started = subprocess.run(
        [sys.executable, "-c", "import config.settings.intake"],
        cwd=REPOSITORY,
        env=os.environ | {"INTAKE_PRIVATE_KEYS": "/somewhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode != 0
    assert "must not know where private keys are" in started.stderr


@pytest.mark.parametrize("missing", ["INTAKE_SECRET_KEY", "INTAKE_DATABASE_URL"])
def test_on_a_real_host_nothing_has_a_default(missing: str) -> None:
    given = {
        "INTAKE_HOST": "report.example",
        "INTAKE_SECRET_KEY": "x" * 60,
        "INTAKE_DATABASE_URL": "postgres://intake@localhost/holdfast",
        "INTAKE_PUBLIC_KEYS": "/somewhere",
    }
    started = subprocess.run(
        [sys.executable, "-c", "import config.settings.intake"],
        cwd=REPOSITORY,
        env={k: v for k, v in (os.environ | given).items() if k != missing},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"Set {missing}" in started.stderr


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_desks_keys_open_content(sent: tuple[Receipt, Report]) -> None:
    report = sent[1]
    key = reading.report_key(report)
    narrative = envelopes.unseal(key, bytes(report.narrative), _place(report.pk, "narrative"))
    assert narrative == NARRATIVE


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_an_inbox_does_not_open_without_the_pepper(
    sent: tuple[Receipt, Report], folders: Folders
) -> None:
    """A receipt and a database from before are nothing once the epoch's pepper is destroyed."""
    next(folders.public.glob("*.json")).unlink()
    with as_the_zone(), pytest.raises(inbox.NothingThere):
        inbox.open_with(sent[0])


def _place(report: UUID, column: str) -> envelopes.Place:
    return report_place(report, column)
