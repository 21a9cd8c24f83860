"""A match as it is shown: the two sides of each field with the matching letters marked."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.standing import Status
from sanctions.matching.explain import Explanation, Row, Span
from sanctions.models import Match

FIELD_WORDS = {
    "name": "Name",
    "alias": "Alias",
    "handle": "Handle",
    "birth_date": "Birth date",
    "country": "Country",
    "website": "Website",
}
# Solid underline: the same letters. Dotted: after transliteration. Dashed: similar spelling.
_MARK_CLASSES = {"same": "same", "transliterated": "tr", "similar": "near"}

# A script does not tell the language, so the tag names the script alone.
_LANGUAGE_TAGS = {
    "ARABIC": "und-Arab",
    "CJK": "und-Hani",
    "CYRILLIC": "und-Cyrl",
    "GEORGIAN": "und-Geor",
    "GREEK": "und-Grek",
    "HANGUL": "und-Kore",
    "HEBREW": "und-Hebr",
    "HIRAGANA": "und-Jpan",
    "KATAKANA": "und-Jpan",
}

_ADJUDICATIONS = {
    Match.Adjudication.OPEN: Status("wait", "Undecided"),
    Match.Adjudication.UNSURE: Status("wait", "Unsure"),
    Match.Adjudication.CONFIRMED: Status("held", "Confirmed", "match"),
    Match.Adjudication.NO_MATCH: Status("quiet", "Another person"),
}


@dataclass(frozen=True)
class Side:
    """What one side says. `lang` names its script where that is not Latin."""

    text: SafeString
    lang: str


@dataclass(frozen=True)
class ComparedRow:
    field: str
    listed: Side
    profile: Side
    finding: Status


@dataclass(frozen=True)
class Comparison:
    """One match, ready to show. Without an explanation there is the score alone."""

    match: Match
    status: Status
    rows: list[ComparedRow]
    threshold: float | None = None
    sentence: str = ""
    lowered_score: float | None = None
    lowered_by: str = ""


def compare(match: Match) -> Comparison:
    """Read a match's stored explanation into rows whose letters are marked."""
    status = status_of(match)
    if not match.explanation:
        return Comparison(match, status, [])
    explanation = Explanation.from_dict(match.explanation)
    other = explanation.counterfactual
    return Comparison(
        match=match,
        status=status,
        rows=[_compared(row) for row in explanation.rows],
        threshold=explanation.threshold,
        sentence=explanation.sentence,
        lowered_score=other.score if other else None,
        lowered_by=other.text if other else "",
    )


def status_of(match: Match) -> Status:
    return _ADJUDICATIONS[Match.Adjudication(match.adjudication)]


def marked(text: str, spans: Iterable[Span]) -> SafeString:
    """Return `text` as HTML with its spans in `<mark>`. Every character of it is escaped.

    A span that leaves the text or overlaps the one before it is cut to what is left.
    """
    html = SafeString()
    at = 0
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        start, end = max(span.start, at), min(span.end, len(text))
        if start >= end:
            continue
        html = format_html(
            '{}{}<mark class="{}">{}</mark>',
            html,
            text[at:start],
            _MARK_CLASSES[span.likeness],
            text[start:end],
        )
        at = end
    return format_html("{}{}", html, text[at:])


def script_of(text: str) -> str:
    """Return a language tag for the first letter that is not Latin, or nothing."""
    for letter in text:
        if letter.isalpha() and not letter.isascii():
            script = unicodedata.name(letter, "").split(" ")[0].split("-")[0]
            if script in _LANGUAGE_TAGS:
                return _LANGUAGE_TAGS[script]
    return ""


def _compared(row: Row) -> ComparedRow:
    return ComparedRow(
        field=FIELD_WORDS[row.field],
        listed=Side(marked(row.listed, row.listed_spans), script_of(row.listed)),
        profile=Side(
            format_html(
                "{}{}",
                "@" if row.field == "handle" else "",
                marked(row.profile, row.profile_spans),
            ),
            script_of(row.profile),
        ),
        finding=Status(row.status, row.finding),
    )
