from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.actors import PROFILE_PULL
from platforms.imports import UnknownFormat, import_profiles
from platforms.models import Platform, Profile
from tests.cases.builders import make_platform
from tests.platforms.sandbox import ROOT

SCREENING_PROFILES = ROOT.parent / "shared" / "data" / "screening" / "profiles.jsonl.gz"


@pytest.fixture
def somewhere(db: None) -> Platform:
    return make_platform(slug="lumen")


def test_json_lines_are_taken_and_bad_lines_are_named(somewhere: Platform, tmp_path: Path) -> None:
    file = tmp_path / "accounts.jsonl"
    file.write_bytes(
        b'{"id": "1", "handle": "a"}\n'
        b"\n"
        b"{not json}\n"
        b'{"id": "2", "handle": "\xff\xfe"}\n'
        b'{"id": "3"}\n'
        b'{"id": "4", "handle": "d"}\n'
    )
    report = import_profiles(actor=PROFILE_PULL, platform=somewhere, path=file)
    assert report.created == 2
    assert [(error.line, error.id) for error in report.errors] == [(3, ""), (4, "2"), (5, "3")]


def test_csv_is_taken_with_its_types(somewhere: Platform, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(
        "\ufeffid,handle,display_name,links,followers,verified,created_at\n"
        '1,a,"Кадыров, Рамзан",https://a.example https://b.example,3200000,yes,\n'
        "2,b,,,,,2014-03-09T10:00:00Z\n"
        "3,c,,,many,,\n"
        "4,d,,,,perhaps,\n",
        encoding="utf-8",
    )
    report = import_profiles(actor=PROFILE_PULL, platform=somewhere, path=file)
    first = Profile.objects.get(external_id="1")
    assert first.links == ["https://a.example", "https://b.example"]
    assert (first.display_name, first.reach, first.is_verified) == (
        "Кадыров, Рамзан",
        3_200_000,
        True,
    )
    assert Profile.objects.get(external_id="2").account_created_at is not None
    assert [(error.line, error.message.split(":")[0]) for error in report.errors] == [
        (4, "followers"),
        (5, "verified"),
    ]


def test_an_empty_number_in_csv_does_not_take_the_reach_away(
    somewhere: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text("id,handle,followers\n1,a,3200000\n")
    import_profiles(actor=PROFILE_PULL, platform=somewhere, path=file)
    file.write_text("id,handle,followers\n1,a,\n")
    import_profiles(actor=PROFILE_PULL, platform=somewhere, path=file)
    assert Profile.objects.get().reach == 3_200_000


def test_a_long_gzipped_file_is_taken_in_batches(somewhere: Platform, tmp_path: Path) -> None:
    file = tmp_path / "accounts.jsonl.gz"
    with gzip.open(file, "wt") as lines:
        for n in range(2100):
            lines.write(json.dumps({"id": str(n), "handle": f"h{n}"}) + "\n")
        lines.write("{}\n")
    report = import_profiles(actor=PROFILE_PULL, platform=somewhere, path=file)
    assert report.created == Profile.objects.count() == 2100
    assert [error.line for error in report.errors] == [2101]


@pytest.mark.parametrize("name", ["accounts.xlsx", "accounts", "missing.csv"])
def test_a_file_that_cannot_be_read_as_either_is_refused(
    somewhere: Platform, tmp_path: Path, name: str
) -> None:
    if name != "missing.csv":
        (tmp_path / name).write_text("id\n1\n")
    with pytest.raises(UnknownFormat, match=name):
        import_profiles(actor=PROFILE_PULL, platform=somewhere, path=tmp_path / name)


def test_a_cut_gzip_file_is_refused(somewhere: Platform, tmp_path: Path) -> None:
    file = tmp_path / "accounts.jsonl.gz"
    row = json.dumps({"id": "1", "handle": "a"}).encode()
    file.write_bytes(gzip.compress(row)[:-6])
    with pytest.raises(UnknownFormat, match="cannot be read"):
        import_profiles(actor=PROFILE_PULL, platform=somewhere, path=file)


def test_the_command_says_in_json_and_by_its_exit_code_what_was_left_out(
    somewhere: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.jsonl"
    file.write_text('{"id": "1", "handle": "a"}\n{}\n')
    out = io.StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("import_profiles", "lumen", "--from", str(file), "--json", stdout=out)
    assert exit_.value.code == 1
    said = json.loads(out.getvalue())
    assert (said["created"], said["errors"][0]["line"]) == (1, 2)


def test_the_command_names_an_unknown_platform(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("import_profiles", "nowhere", "--from", str(tmp_path))


@pytest.mark.skipif(not SCREENING_PROFILES.exists(), reason="the shared data is not here")
def test_ten_thousand_profiles_are_taken_and_then_unchanged(somewhere: Platform) -> None:
    first = import_profiles(actor=PROFILE_PULL, platform=somewhere, path=SCREENING_PROFILES)
    second = import_profiles(actor=PROFILE_PULL, platform=somewhere, path=SCREENING_PROFILES)
    assert (first.created, first.errors) == (10_000, [])
    assert (second.unchanged, second.errors) == (10_000, [])
