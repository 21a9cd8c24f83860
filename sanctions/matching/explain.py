"""Why a finding was made, field by field, in words and with the matching letters marked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from sanctions.matching.compare import NameMatch, PreparedProfile, PreparedSubject, Scored
from sanctions.matching.dates import Agreement
from sanctions.matching.evidence import birth_agreement, combined
from sanctions.matching.names import Pair, compare_names
from sanctions.matching.tokens import PlacedToken, placed_tokens
from sanctions.matching.weights import TokenWeights

Field = Literal["name", "alias", "handle", "birth_date", "country", "website"]
Likeness = Literal["same", "transliterated", "similar"]
Status = Literal["clear", "wait", "quiet", "fault"]

NOT_ON_LIST = "None on this list"
NOT_STATED = "Not stated"
NOTHING_TO_COMPARE = "Nothing to compare"
# From here a name row says that the names agree; below the second value that they differ.
_NAME_AGREES = 0.75
_NAME_DIFFERS = 0.40
# A difference in score too small to show an alias instead of the primary name.
_AS_GOOD = 0.05


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, by character, and how its letters stand to the other side's."""

    start: int
    end: int
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison: what the list says, what the profile says, what follows."""

    field: Field
    listed: str
    profile: str
    finding: str
    status: Status
    listed_spans: tuple[Span, ...] = ()
    profile_spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The score the same pair would have had with one piece of evidence altered."""

    score: float
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    rows: tuple[Row, ...]
    threshold: float
    sentence: str
    counterfactual: Counterfactual | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; spans as [start, end, likeness]."""
        data = asdict(self)
        for row in data["rows"]:
            for side in ("listed_spans", "profile_spans"):
                row[side] = [[span["start"], span["end"], span["likeness"]] for span in row[side]]
        data["rows"] = list(data["rows"])
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what `as_dict` wrote, also after a turn through JSON."""
        rows = tuple(
            Row(
                **{
                    **row,
                    "listed_spans": tuple(Span(*span) for span in row["listed_spans"]),
                    "profile_spans": tuple(Span(*span) for span in row["profile_spans"]),
                }
            )
            for row in data["rows"]
        )
        other = data["counterfactual"]
        return cls(
            rows=rows,
            threshold=data["threshold"],
            sentence=data["sentence"],
            counterfactual=Counterfactual(**other) if other else None,
        )


def explain(
    subject: PreparedSubject,
    profile: PreparedProfile,
    scored: Scored,
    *,
    weights: TokenWeights,
    threshold: float,
) -> Explanation:
    rows = [
        *_name_rows(subject, profile, scored),
        _birth_row(subject, profile),
        _country_row(subject, profile, scored),
        _website_row(subject, profile, scored),
    ]
    return Explanation(
        rows=tuple(rows),
        threshold=threshold,
        sentence=_sentence(scored),
        counterfactual=_counterfactual(subject, scored, weights),
    )


def _first(matches: Sequence[NameMatch], *, handle: bool, role: str | None) -> NameMatch | None:
    for match in matches:
        is_handle = match.reading.field == "handle"
        if is_handle == handle and role in (None, match.name.listed.role):
            return match
    return None


def _name_rows(subject: PreparedSubject, profile: PreparedProfile, scored: Scored) -> list[Row]:
    """The primary name always, an alias when it says more, the handle when there is one."""
    primary = _first(scored.matches, handle=False, role="primary")
    alias = _first(scored.matches, handle=False, role="alias")
    rows = []
    if primary:
        rows.append(_name_row("name", primary))
    elif subject.subject.names:
        shown = profile.profile.display_name[:200]
        says = NOTHING_TO_COMPARE if not shown.strip() else "Differs"
        rows.append(
            Row(
                "name",
                subject.subject.names[0].text,
                shown or NOT_STATED,
                says,
                "quiet" if says == NOTHING_TO_COMPARE else "fault",
            )
        )
    if alias and alias.score >= max(_NAME_DIFFERS, primary.score if primary else 0.0):
        rows.append(_name_row("alias", alias))
    handle = _first(scored.matches, handle=True, role=None)
    by_primary = _first(scored.matches, handle=True, role="primary")
    if handle and by_primary and by_primary.score >= handle.score - _AS_GOOD:
        handle = by_primary
    if handle:
        rows.append(_name_row("handle", handle))
    elif profile.profile.handle and subject.subject.names:
        rows.append(
            Row(
                "handle",
                subject.subject.names[0].text,
                profile.profile.handle,
                NOTHING_TO_COMPARE,
                "quiet",
            )
        )
    return rows


def _name_row(field: Field, match: NameMatch) -> Row:
    listed_spans, profile_spans = _spans(match)
    finding, status = _name_finding(match, (*listed_spans, *profile_spans))
    return Row(
        field,
        match.name.listed.text,
        match.reading.text,
        finding,
        status,
        listed_spans,
        profile_spans,
    )


def _name_finding(match: NameMatch, spans: Sequence[Span]) -> tuple[str, Status]:
    comparison = match.comparison
    if match.reading.speaks_about:
        return "Speaks about this name", "wait"
    if comparison.score < _NAME_DIFFERS or comparison.conflict > 0.2:
        return "Differs", "fault"
    if any(pair.initial for pair in comparison.pairs) and comparison.names_found < 2:
        return "Surname and initial", "wait"
    if comparison.names_found < 2:
        return "One name only", "wait"
    status: Status = "clear" if match.score >= _NAME_AGREES else "wait"
    if match.name.listed.quality == "weak":
        return "Weak alias", "wait"
    paired = {i for pair in comparison.pairs for i in pair.listed}
    if any(
        token.is_name and not token.is_patronymic and i not in paired
        for i, token in enumerate(match.name.tokens)
    ):
        return "Part of the name", status
    likeness = {span.likeness for span in spans}
    if likeness == {"same"}:
        return "Same letters", status
    if "similar" not in likeness:
        return "Same, other script", status
    return "Similar spelling", status


def _spans(match: NameMatch) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    listed_placed = placed_tokens(match.name.listed.text)
    listed: list[Span] = []
    profile: list[Span] = []
    for pair in match.comparison.pairs:
        stated = _stated_places(match, pair)
        across = listed_placed[pair.listed[0]].transliterated != any(
            transliterated for _, _, transliterated in stated
        )
        likeness: Likeness = "similar"
        if across and pair.similarity >= 0.85:
            likeness = "transliterated"
        elif pair.initial or pair.similarity == 1.0:
            likeness = "same"
        for i in pair.listed:
            place = listed_placed[i]
            end = place.start + 1 if pair.initial else place.end
            listed.append(Span(place.start, end, likeness))
        profile.extend(Span(start, end, likeness) for start, end, _ in stated)
    return _in_order(listed), _in_order(profile)


def _stated_places(match: NameMatch, pair: Pair) -> list[tuple[int, int, bool]]:
    placed = match.reading.placed
    pieces = match.comparison.pieces
    if not pieces:
        chosen = [placed[j] for j in pair.profile]
        return [(p.start, p.start + 1 if pair.initial else p.end, p.transliterated) for p in chosen]
    whole = next(p for p in placed if p.token.text == match.reading.glued)
    return [_piece_place(whole, pieces[j]) for j in pair.profile if j < len(pieces)]


def _piece_place(whole: PlacedToken, piece: tuple[str, int, int]) -> tuple[int, int, bool]:
    _, start, end = piece
    if whole.end - whole.start != len(whole.token.text):
        return whole.start, whole.end, whole.transliterated
    return whole.start + start, whole.start + end, whole.transliterated


def _in_order(spans: list[Span]) -> tuple[Span, ...]:
    return tuple(sorted(dict.fromkeys(spans), key=lambda span: (span.start, span.end)))


def _birth_row(subject: PreparedSubject, profile: PreparedProfile) -> Row:
    listed = subject.subject.dates_of_birth
    stated = profile.profile.date_of_birth
    agreement = birth_agreement(subject.births, profile.birth)
    if agreement is None:
        return Row(
            "birth_date",
            "; ".join(listed) or NOT_ON_LIST,
            stated or NOT_STATED,
            NOTHING_TO_COMPARE,
            "quiet",
        )
    outcome, place = agreement
    finding, status = _BIRTH_FINDINGS[outcome]
    spans: tuple[tuple[Span, ...], tuple[Span, ...]] = ((), ())
    if outcome is Agreement.SAME_DAY:
        spans = (Span(0, len(listed[place]), "same"),), (Span(0, len(stated), "same"),)
    return Row("birth_date", listed[place], stated, finding, status, *spans)


_BIRTH_FINDINGS: dict[Agreement, tuple[str, Status]] = {
    Agreement.SAME_DAY: ("Same day", "clear"),
    Agreement.SAME_YEAR: ("Same year", "clear"),
    Agreement.NEAR: ("Close", "wait"),
    Agreement.DIFFERS: ("Differs", "fault"),
}


def _country_row(subject: PreparedSubject, profile: PreparedProfile, scored: Scored) -> Row:
    listed = ", ".join(subject.subject.countries) or NOT_ON_LIST
    stated = profile.profile.country or NOT_STATED
    return Row("country", listed, stated, *_agreement(scored.evidence.country_agrees))


def _website_row(subject: PreparedSubject, profile: PreparedProfile, scored: Scored) -> Row:
    listed = ", ".join(subject.subject.websites) or NOT_ON_LIST
    stated = ", ".join(profile.profile.links) or NOT_STATED
    if scored.evidence.website_agrees is False:
        # People link all kinds of sites: another one says nothing.
        return Row("website", listed, stated, "No site in common", "quiet")
    return Row("website", listed, stated, *_agreement(scored.evidence.website_agrees))


def _agreement(agrees: bool | None) -> tuple[str, Status]:
    if agrees is None:
        return NOTHING_TO_COMPARE, "quiet"
    return ("Agrees", "clear") if agrees else ("Differs", "wait")


def _counterfactual(
    subject: PreparedSubject, scored: Scored, weights: TokenWeights
) -> Counterfactual | None:
    """Another birth date where the list has one, else the name without its rarest found token."""
    if not scored.matches:
        return None
    evidence = scored.evidence
    if any(subject.births) and evidence.birth is not Agreement.DIFFERS:
        altered = replace(evidence, birth=Agreement.DIFFERS)
        score = combined(scored.name_score, altered)
        return Counterfactual(round(score, 4), "with another birth date")
    best = scored.matches[0]
    tokens = best.comparison.tokens
    found = [j for pair in best.comparison.pairs for j in pair.profile if j < len(tokens)]
    if not found:
        return None
    rarest = max(found, key=lambda j: weights.of(tokens[j]))
    rest = tuple(token for j, token in enumerate(tokens) if j != rarest)
    comparison = compare_names(
        best.name.tokens, rest, glued="", weights=weights, kind=subject.subject.kind
    )
    score = combined(min(comparison.score, best.score), evidence)
    return Counterfactual(round(score, 4), f"without “{tokens[rarest].text}”")


def _sentence(scored: Scored) -> str:
    if not scored.matches:
        return "No name agrees."
    best = scored.matches[0]
    where = {"name": "display name", "handle": "handle", "bio": "bio"}[best.reading.field]
    what = "an alias" if best.name.listed.role == "alias" else "the listed name"
    listed_spans, profile_spans = _spans(best)
    finding = _name_finding(best, (*listed_spans, *profile_spans))[0].lower()
    parts = [f"The {where} against {what}: {finding}."]
    if scored.evidence.birth is not None:
        parts.append(f"Birth date: {_BIRTH_FINDINGS[scored.evidence.birth][0].lower()}.")
    if scored.evidence.country_agrees is not None:
        parts.append(f"Country: {_agreement(scored.evidence.country_agrees)[0].lower()}.")
    if scored.evidence.website_agrees:
        parts.append("The same website.")
    return " ".join(parts)
