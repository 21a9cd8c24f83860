from sanctions.matching import Index, Row, ScreenedProfile, compare
from tests.sanctions.matching.conftest import DODIK, KADYROV

PROFILE = ScreenedProfile(
    handle="rkadyrov_95",
    display_name="Рамзан Кадыров",
    country="Grozny, Russia",
    links=("https://grozny-sample.example",),
    date_of_birth="5 October 1976",
)


def _marked(row: Row) -> tuple[list[str], list[str]]:
    return (
        [row.listed[span.start : span.end] for span in row.listed_spans],
        [row.profile[span.start : span.end] for span in row.profile_spans],
    )


def test_it_sets_the_list_beside_the_profile_field_by_field(index: Index) -> None:
    rows = {row.field: row for row in compare(KADYROV, PROFILE, index.weights).explanation.rows}
    assert {field: (row.finding, row.status) for field, row in rows.items()} == {
        "name": ("Same, other script", "clear"),
        "alias": ("Same letters", "clear"),
        "handle": ("Surname and initial", "wait"),
        "birth_date": ("Same day", "clear"),
        "country": ("Agrees", "clear"),
        "website": ("No site in common", "quiet"),
    }


def test_it_marks_the_letters_that_match_on_both_sides(index: Index) -> None:
    rows = {row.field: row for row in compare(KADYROV, PROFILE, index.weights).explanation.rows}
    assert _marked(rows["name"]) == (["KADYROV", "Ramzan"], ["Рамзан", "Кадыров"])
    assert {span.likeness for span in rows["name"].listed_spans} == {"transliterated"}
    assert _marked(rows["alias"]) == (["Рамзан", "КАДЫРОВ"], ["Рамзан", "Кадыров"])
    assert {span.likeness for span in rows["alias"].profile_spans} == {"same"}
    assert _marked(rows["handle"]) == (["KADYROV", "R"], ["r", "kadyrov"])


def test_the_counterfactual_is_the_score_of_the_altered_profile(index: Index) -> None:
    other = ScreenedProfile(
        handle=PROFILE.handle,
        display_name=PROFILE.display_name,
        country=PROFILE.country,
        links=PROFILE.links,
        date_of_birth="6 June 1991",
    )
    counterfactual = compare(KADYROV, PROFILE, index.weights).explanation.counterfactual
    assert counterfactual is not None
    assert counterfactual.text == "with another birth date"
    assert counterfactual.score == compare(KADYROV, other, index.weights).score


def test_without_a_birth_date_the_counterfactual_leaves_out_a_name(index: Index) -> None:
    profile = ScreenedProfile("u", "Milorad Dodik", date_of_birth="2 February 1990")
    finding = compare(DODIK, profile, index.weights)
    counterfactual = finding.explanation.counterfactual
    assert counterfactual is not None
    assert counterfactual.text in ("without “dodik”", "without “milorad”")
    assert counterfactual.score < finding.score


def test_a_silent_side_is_shown_as_nothing_to_compare(index: Index) -> None:
    finding = compare(DODIK, ScreenedProfile("u", "Milorad Dodik"), index.weights)
    rows = {row.field: row for row in finding.explanation.rows}
    assert (rows["birth_date"].profile, rows["birth_date"].finding) == (
        "Not stated",
        "Nothing to compare",
    )
    assert rows["website"].listed == "None on this list"
    assert rows["website"].status == "quiet"


def test_a_different_birth_date_is_shown_as_a_fault(index: Index) -> None:
    profile = ScreenedProfile("u", "Milorad Dodik", date_of_birth="1990-01-02")
    rows = {row.field: row for row in compare(DODIK, profile, index.weights).explanation.rows}
    assert (rows["birth_date"].finding, rows["birth_date"].status) == ("Differs", "fault")


def test_the_sentence_names_what_was_compared(index: Index) -> None:
    sentence = compare(KADYROV, PROFILE, index.weights).explanation.sentence
    assert sentence == (
        "The display name against the listed name: same, other script. "
        "Birth date: same day. Country: agrees."
    )
