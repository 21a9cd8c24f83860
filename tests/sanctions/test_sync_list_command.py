import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from sanctions.models import Designation, Source
from tests.sanctions.files import BEFORE, LISTED, LISTED_CSV, sdn_csv, sdn_entry, sdn_row, sdn_xml

pytestmark = pytest.mark.django_db

KEYS = ["source", "version", "added", "changed", "delisted", "unchanged"]
KEYS += ["quarantined", "reason", "seconds"]


@pytest.fixture
def run_json(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str | Path) -> tuple[dict[str, Any], int]:
        status = 0
        try:
            call_command("sync_list", *map(str, arguments), "--json")
        except CommandError as error:
            status = error.returncode
        return json.loads(capsys.readouterr().out), status

    return run


def test_it_prints_one_object_with_the_promised_keys(run_json: Any) -> None:
    printed, status = run_json("ofac-sdn", "--from", BEFORE)

    assert list(printed) == KEYS
    assert (printed["source"], printed["version"], printed["added"]) == ("ofac-sdn", 1, 22)
    assert status == 0


def test_it_takes_the_three_csv_files_together(run_json: Any) -> None:
    printed, status = run_json("ofac-sdn", "--from", *LISTED_CSV)

    assert (printed["added"], status) == (23, 0)


def test_a_source_known_out_of_the_box_is_made_on_first_use(run_json: Any, tmp_path: Path) -> None:
    run_json("ofac-consolidated", "--from", sdn_xml(tmp_path, sdn_entry(1)))

    source = Source.objects.get(slug="ofac-consolidated")
    assert source.urls == [
        "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
        "CONSOLIDATED.XML"
    ]


def test_a_quarantine_is_told_by_the_exit_status(run_json: Any, tmp_path: Path) -> None:
    run_json("ofac-sdn", "--from", BEFORE)

    printed, status = run_json("ofac-sdn", "--from", sdn_xml(tmp_path, sdn_entry(1), count=2))

    assert status == 2
    assert list(printed) == KEYS
    assert printed["quarantined"] is True
    assert printed["reason"] == "The list says it has 2 entries, but 1 were read."
    assert Designation.objects.listed().count() == 22


def test_a_missing_file_is_no_quarantine_and_still_fails(run_json: Any, tmp_path: Path) -> None:
    printed, status = run_json("ofac-sdn", "--from", tmp_path / "nowhere.csv")

    assert status == 1
    assert list(printed) == KEYS
    assert printed["quarantined"] is False
    assert "There is no file" in printed["reason"]


def test_an_unknown_list_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError, match="Known: ofac-consolidated, ofac-sdn"):
        call_command("sync_list", "ofac")


def test_a_shrunken_list_can_be_vouched_for(run_json: Any, tmp_path: Path) -> None:
    rows = [sdn_row(uid, f"NAME {uid}") for uid in range(1, 11)]
    run_json("ofac-sdn", "--from", sdn_csv(tmp_path, rows))
    smaller = sdn_csv(tmp_path, rows[:5])
    assert run_json("ofac-sdn", "--from", smaller)[1] == 2

    printed, status = run_json("ofac-sdn", "--from", smaller, "--accept-shrink", "Program ended")

    assert (printed["delisted"], status) == (5, 0)


def test_it_tells_a_person_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sync_list", "ofac-sdn", "--from", str(BEFORE))
    call_command("sync_list", "ofac-sdn", "--from", str(LISTED))

    assert "version 2 is in force. 1 added, 0 changed, 0 delisted" in capsys.readouterr().out
