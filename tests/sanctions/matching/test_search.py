import pytest

from sanctions.matching import (
    DEFAULT_THRESHOLD,
    Index,
    ListedName,
    ListedSubject,
    ScreenedProfile,
    compare,
)
from tests.sanctions.matching.conftest import BANK, KADYROV, QASEM, SUBJECTS


def _keys(index: Index, profile: ScreenedProfile) -> list[str]:
    return [finding.key for finding in index.search(profile)]


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        ("user1", "Ramzan Kadyrov"),
        ("user1", "KADYROV Ramzan"),
        ("user1", "Рамзан Кадыров"),
        ("user1", "Рамзан Ахматович Кадыров"),
        ("user1", "🔥 R4mz4n Qadirow official 🔥"),
        ("user1", "𝐑𝐚𝐦𝐳𝐚𝐧 𝐊𝐚𝐝𝐲𝐫𝐨𝐯"),
        ("user1", "Rаmzаn Kаdyrоv"),
        ("user1", "The Real Ramzan Kadirov TV"),
        ("ramzankadyrov", ""),
        ("RamzanKadyrov_95", "❤️"),
        ("kadyrov.ramzan", "PRESIDENT"),
        ("user1", "ramzankadyrov"),
    ],
)
def test_kadyrov_is_found_however_he_is_written(index: Index, handle: str, name: str) -> None:
    assert _keys(index, ScreenedProfile(handle=handle, display_name=name)) == [KADYROV.key]


@pytest.mark.parametrize(
    "name",
    [
        "Akhmat Kadyrov",
        "Zelimkhan Akhmatovich Kadyrov",
        "Ivan Kadyrov",
        "Ramzan Akhmedov",
        "Kadyrov Fans",
        "Medni Kadyrova",
    ],
)
def test_namesakes_and_family_are_not_kadyrov(index: Index, name: str) -> None:
    assert _keys(index, ScreenedProfile(handle="user1", display_name=name)) == []


def test_a_listed_daughter_is_herself_and_not_her_father(index: Index) -> None:
    profile = ScreenedProfile(handle="user1", display_name="Ayshat Kadyrova")
    assert _keys(index, profile) == ["ayshat"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Qasem Soleimani", ["ofac-10481"]),
        ("قاسم سليماني", ["ofac-10481"]),
        ("Ghasem Soleymani", ["ofac-10481"]),
        ("Gholamreza Soleimani", ["ofac-27854"]),
        ("Ali Soleimani", []),
        ("Mohammad Soleimani", []),
        ("Milorad Dodik", ["ofac-21465"]),
        ("Милорад Додик", ["ofac-21465"]),
        ("Milorad Pavić", []),
        ("Igor Dodik", []),
    ],
)
def test_each_name_opens_its_own_entry_only(index: Index, name: str, found: list[str]) -> None:
    assert _keys(index, ScreenedProfile(handle="user1", display_name=name)) == found


@pytest.mark.parametrize("name", ["Kadyrov", "Ramzan", "Soleimani", "AMBER", "PSB", "Додик"])
def test_a_single_token_never_opens_a_case(index: Index, name: str) -> None:
    for country in ("", "Russia", "Iran"):
        profile = ScreenedProfile(handle="user1", display_name=name, country=country)
        assert index.search(profile) == []


def test_surname_and_initial_need_the_birth_date(index: Index) -> None:
    assert index.search(ScreenedProfile(handle="rkadyrov_95")) == []
    with_date = ScreenedProfile(handle="rkadyrov_95", date_of_birth="1976-10-05")
    assert _keys(index, with_date) == [KADYROV.key]


def test_a_weak_alias_alone_never_opens_a_case(index: Index) -> None:
    profile = ScreenedProfile(handle="user1", display_name="Haj Qasem the Commander")
    assert index.search(profile) == []
    assert 0 < compare(QASEM, profile, index.weights).score < DEFAULT_THRESHOLD


def test_another_birth_date_closes_the_question(index: Index) -> None:
    same = ScreenedProfile("u", "Ramzan Kadyrov", date_of_birth="5 October 1976")
    silent = ScreenedProfile("u", "Ramzan Kadyrov")
    other = ScreenedProfile("u", "Ramzan Kadyrov", date_of_birth="5 October 1986")
    scores = [compare(KADYROV, p, index.weights).score for p in (same, silent, other)]
    assert scores == sorted(scores, reverse=True)
    assert scores[2] < DEFAULT_THRESHOLD <= scores[1]


def test_a_page_about_somebody_is_not_their_page(index: Index) -> None:
    assert index.search(ScreenedProfile("u", "Stop Ramzan Kadyrov")) == []
    assert index.search(ScreenedProfile("u", "Victims of Ramzan Kadyrov")) == []


def test_a_bio_counts_when_it_says_whose_account_it_is(index: Index) -> None:
    claim = ScreenedProfile("u", "The Leader", bio="Official account of Ramzan Kadyrov. Welcome!")
    mention = ScreenedProfile("u", "News", bio="Today: Ramzan Kadyrov met the press.")
    assert _keys(index, claim) == [KADYROV.key]
    assert index.search(mention) == []


def test_a_website_is_strong_evidence_but_not_enough_alone(index: Index) -> None:
    link = ("https://psbank.ru/about",)
    assert index.search(ScreenedProfile("u", "Anna", links=link)) == []
    assert _keys(index, ScreenedProfile("u", "Promsvyazbank", links=link)) == [BANK.key]


@pytest.mark.parametrize(
    "profile",
    [
        ScreenedProfile(handle=""),
        ScreenedProfile(handle="", display_name="🔥🔥🔥❤️"),
        ScreenedProfile(handle="___", display_name="\u200b\u200d"),
        ScreenedProfile(handle="12345", display_name="2026"),
        ScreenedProfile(handle="official", display_name="The Official Page"),
    ],
)
def test_a_profile_without_a_name_finds_nothing(index: Index, profile: ScreenedProfile) -> None:
    assert index.search(profile) == []
    for subject in SUBJECTS:
        assert compare(subject, profile, index.weights).score == 0


def test_a_very_long_text_is_read_only_at_its_beginning(index: Index) -> None:
    noise = "account of Milorad Dodik " * 10_000
    near = ScreenedProfile("u" * 100_000, "x" * 100_000, bio="My name is Milorad Dodik. " + noise)
    far = ScreenedProfile("u", "x", bio="." * 100_000 + " My name is Milorad Dodik.")
    assert _keys(index, near) == ["ofac-21465"]
    assert index.search(far) == []


def test_the_limit_and_the_threshold_are_kept(index: Index) -> None:
    profile = ScreenedProfile("u", "Qasem Soleimani")
    findings = index.search(profile, threshold=0.05, limit=1)
    assert [finding.key for finding in findings] == ["ofac-10481"]
    assert index.search(profile, threshold=1.01) == []


def test_an_organisation_is_not_written_by_ear() -> None:
    """Sante Prati sounds like Parto Sanat, which is a company: another spelling says more there."""
    name = (ListedName("PARTO SANAT"),)
    index = Index.build(
        [
            ListedSubject(key="company", kind="organisation", names=name),
            ListedSubject(key="person", kind="person", names=name),
        ]
    )

    def scores(shown: str) -> dict[str, float]:
        findings = index.search(ScreenedProfile(handle="user1", display_name=shown))
        return {finding.key: finding.score for finding in findings}

    same, similar = scores("Sanat Parto"), scores("Sante Prati")

    assert same["company"] == same["person"] == 1
    assert 1 - similar["company"] == pytest.approx(2 * (1 - similar["person"]))


def test_one_consonant_is_no_name_however_it_is_spelled() -> None:
    index = Index.build(
        [ListedSubject(key="listed", kind="person", names=(ListedName("AL-DJ, Mahmoud"),))]
    )

    assert _keys(index, ScreenedProfile(handle="user1", display_name="ช Mahmoud")) == []
