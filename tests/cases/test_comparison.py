"""Matching letters are marked, and nothing of the text is lost or let through as HTML."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as some

from cases.comparison import compare, marked, script_of
from sanctions.matching.explain import Counterfactual, Explanation, Row, Span
from sanctions.models import Match

ROW = Row(
    field="name",
    listed="KADYROV, Ramzan",
    profile="Рамзан Кадыров",
    finding="Same, other script",
    status="clear",
    listed_spans=(Span(0, 7, "transliterated"), Span(9, 15, "transliterated")),
    profile_spans=(Span(0, 6, "transliterated"), Span(7, 14, "transliterated")),
)
spans = some.lists(
    some.builds(
        Span,
        some.integers(-3, 40),
        some.integers(-3, 40),
        some.sampled_from(["same", "transliterated", "similar"]),
    ),
    max_size=6,
)


def match_with(*rows: Row) -> Match:
    explanation = Explanation(
        rows=rows,
        threshold=0.7,
        sentence="The display name against the listed name.",
        counterfactual=Counterfactual(0.509, "with another birth date"),
    )
    return Match(score=0.909, explanation=explanation.as_dict())


@given(some.text(max_size=30), spans)
def test_the_text_survives_whatever_the_spans(text: str, spans: list[Span]) -> None:
    html = str(marked(text, spans))

    assert unescape(re.sub(r"</?mark[^>]*>", "", html)) == text
    assert html.count("<mark") == html.count("</mark>")


@given(spans)
def test_markup_in_the_text_is_escaped(spans: list[Span]) -> None:
    html = str(marked("<b onclick='x'>&amp;", spans))

    assert set(re.findall(r"<(/?\w+)", html)) <= {"mark", "/mark"}


def test_each_likeness_has_a_line_of_its_own() -> None:
    html = marked("abc", [Span(0, 1, "same"), Span(1, 2, "transliterated"), Span(2, 3, "similar")])

    assert html == (
        '<mark class="same">a</mark><mark class="tr">b</mark><mark class="near">c</mark>'
    )


def test_an_overlap_is_marked_once() -> None:
    assert marked("abcd", [Span(0, 3, "same"), Span(1, 4, "similar")]) == (
        '<mark class="same">abc</mark><mark class="near">d</mark>'
    )


def test_a_match_is_told_row_by_row() -> None:
    shown = compare(match_with(ROW))

    assert [row.field for row in shown.rows] == ["Name"]
    assert shown.rows[0].listed.text == (
        '<mark class="tr">KADYROV</mark>, <mark class="tr">Ramzan</mark>'
    )
    assert shown.rows[0].profile.lang == "und-Cyrl"
    assert shown.threshold == 0.7
    assert shown.lowered_by == "with another birth date"


def test_a_match_without_an_explanation_has_its_score_alone() -> None:
    shown = compare(Match(score=0.8, explanation={}))

    assert shown.rows == []
    assert shown.threshold is None


def test_a_script_is_named_and_latin_is_not() -> None:
    assert script_of("Ramzan Kadyrov") == ""
    assert script_of("José") == ""
    assert script_of("Рамзан") == "und-Cyrl"
    assert script_of("رمضان") == "und-Arab"
    assert script_of("김정은") == "und-Kore"
