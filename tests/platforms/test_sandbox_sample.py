"""The sample accounts: enough of the story, and enough people who are nobody's business."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import httpx

from platforms.sandbox.accounts import Account
from tests.platforms.sandbox import ROOT, Sandbox

SAMPLE = ROOT / "platforms" / "sandbox" / "accounts.jsonl"


def rows() -> list[dict[str, object]]:
    return [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def test_every_line_is_an_account_of_its_own() -> None:
    accounts = [Account.from_json(row) for row in rows()]
    assert len(accounts) >= 60
    assert len({a.id for a in accounts}) == len({a.handle for a in accounts}) == len(accounts)


def test_it_is_written_in_many_scripts() -> None:
    scripts = {
        unicodedata.name(letter).split()[0]
        for row in rows()
        for letter in str(row["display_name"])
        if letter.isalpha()
    }
    assert {"LATIN", "CYRILLIC", "ARABIC", "HEBREW", "GREEK", "CJK", "HANGUL"} <= scripts
    assert {"DEVANAGARI", "BENGALI", "TAMIL", "THAI", "GEORGIAN", "ARMENIAN"} <= scripts


def test_the_successor_shows_the_first_accounts_picture_and_link() -> None:
    by_handle = {row["handle"]: row for row in rows()}
    first, successor = by_handle["kadyrov_95"], by_handle["ramzan_95_new"]
    assert (first["followers"], successor["followers"]) == (3_200_000, 1_500_000)
    assert first["image_fingerprints"] == successor["image_fingerprints"]
    assert first["links"] == successor["links"]


def test_links_lead_only_to_example_domains() -> None:
    for row in rows():
        links = row["links"]
        assert isinstance(links, list)
        for link in links:
            host = httpx.URL(link).host
            assert host.endswith((".example", "example.org")), link


def test_the_sandbox_loads_it_once(tmp_path: Path) -> None:
    for _ in range(2):
        running = Sandbox(tmp_path / "sandbox.sqlite3", "--sample")
        try:
            assert running.state("10001") in ("active", "suspended")
            running.change("10001", bio="Changed after the first start.")
            assert running.operator.get("/").text.count('<th scope="row">') == len(rows())
        finally:
            running.stop()
