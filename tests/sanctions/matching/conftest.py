"""A small list from the public record: Kadyrov and kin, two Soleimanis, Dodik, a few others."""

import pytest

from sanctions.matching import Index, ListedName, ListedSubject

KADYROV = ListedSubject(
    key="ofac-23343",
    kind="person",
    names=(
        ListedName("KADYROV, Ramzan Akhmatovich"),
        ListedName("Рамзан Ахматович КАДЫРОВ", role="alias"),
    ),
    dates_of_birth=("05 Oct 1976",),
    countries=("Russia",),
    websites=("http://www.ramzan-kadyrov.ru/",),
)
AYSHAT = ListedSubject(
    key="ayshat",
    kind="person",
    names=(ListedName("KADYROVA, Ayshat Ramzanovna"),),
    dates_of_birth=("31 Dec 1998",),
    countries=("Russia",),
)
QASEM = ListedSubject(
    key="ofac-10481",
    kind="person",
    names=(
        ListedName("SOLEIMANI, Qasem"),
        ListedName("SALIMANI, Qasem", role="alias"),
        ListedName("HAJ QASEM THE COMMANDER", quality="weak", role="alias"),
    ),
    dates_of_birth=("11 Mar 1957",),
    countries=("Iran",),
)
GHOLAMREZA = ListedSubject(
    key="ofac-27854",
    kind="person",
    names=(ListedName("SOLEIMANI, Gholamreza"),),
    dates_of_birth=("1964",),
    countries=("Iran",),
)
DODIK = ListedSubject(
    key="ofac-21465",
    kind="person",
    names=(ListedName("DODIK, Milorad"),),
    dates_of_birth=("12 Mar 1959",),
    countries=("Bosnia and Herzegovina",),
)
BANK = ListedSubject(
    key="bank",
    kind="organisation",
    names=(ListedName("PROMSVYAZBANK PUBLIC JOINT STOCK COMPANY"), ListedName("PSB", "strong")),
    websites=("www.psbank.ru",),
)
VESSEL = ListedSubject(key="vessel", kind="vessel", names=(ListedName("AMBER"),))
SUBJECTS = (KADYROV, AYSHAT, QASEM, GHOLAMREZA, DODIK, BANK, VESSEL)


@pytest.fixture(scope="session")
def index() -> Index:
    return Index.build(SUBJECTS)
