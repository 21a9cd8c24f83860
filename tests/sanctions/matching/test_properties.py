import json

from hypothesis import given, settings
from hypothesis import strategies as st

from sanctions.matching import Explanation, Index, ListedSubject, ScreenedProfile, compare
from sanctions.matching.compare import match_name, prepare_profile, prepare_subject
from sanctions.matching.dates import Agreement
from sanctions.matching.evidence import Evidence, combined, least_name_score
from tests.sanctions.matching.conftest import SUBJECTS

INDEX = Index.build(SUBJECTS)
_PARTS = st.sampled_from(
    [
        "Ramzan",
        "Kadyrov",
        "Рамзан",
        "КАДЫРОВ",
        "kadyrova",
        "Qasem",
        "سليماني",
        "قاسم",
        "Milorad",
        "Dodik",
        "김",
        "정은",
        "official",
        "r",
        "95",
        "Stop",
        "account",
        "of",
        "KADYROV,",
        "1976",
        "𝐑𝐚𝐦𝐳𝐚𝐧",
        "@",
        "_",
        ".",
        "\u200b",
        "rkadyrov",
        "ramzankadyrov",
    ]
)
_TEXTS = st.one_of(st.text(max_size=60), st.lists(_PARTS, max_size=6).map(" ".join))
_PROFILES = st.builds(
    ScreenedProfile,
    handle=_TEXTS,
    display_name=_TEXTS,
    bio=_TEXTS,
    links=st.lists(st.one_of(_TEXTS, st.just("http://psbank.ru")), max_size=2).map(tuple),
    country=st.sampled_from(["", "Russia", "IR", "nowhere"]),
    date_of_birth=st.sampled_from(["", "1976-10-05", "1957", "05 Oct 1986", "?"]),
)


@settings(max_examples=150, deadline=None)
@given(_PROFILES, st.sampled_from([0.0001, 0.3, 0.7]))
def test_search_never_fails_and_says_what_compare_says(
    profile: ScreenedProfile, threshold: float
) -> None:
    subjects = {subject.key: subject for subject in SUBJECTS}
    findings = INDEX.search(profile, threshold=threshold)
    assert [f.score for f in findings] == sorted((f.score for f in findings), reverse=True)
    for finding in findings:
        assert threshold <= finding.score <= 1
        again = compare(subjects[finding.key], profile, INDEX.weights, threshold=threshold)
        assert again == finding


@settings(max_examples=150, deadline=None)
@given(_PROFILES, st.sampled_from(SUBJECTS))
def test_every_pair_can_be_scored_and_explained(
    profile: ScreenedProfile, subject: ListedSubject
) -> None:
    finding = compare(subject, profile, INDEX.weights)
    assert 0 <= finding.score <= 1
    stored = json.loads(json.dumps(finding.explanation.as_dict()))
    assert Explanation.from_dict(stored) == finding.explanation
    for row in finding.explanation.rows:
        for text, spans in ((row.listed, row.listed_spans), (row.profile, row.profile_spans)):
            assert all(0 <= span.start < span.end <= len(text) for span in spans)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Ramzan Kadyrov", "Рамзан Кадыров", "Qasem Soleimani", "Ivan Petrov"]),
    st.data(),
)
def test_case_decoration_and_invisible_characters_change_nothing(
    name: str, data: st.DataObject
) -> None:
    cased = "".join(data.draw(st.sampled_from([c.lower(), c.upper()])) for c in name)
    place = data.draw(st.integers(0, len(name)))
    hidden = cased[:place] + data.draw(st.sampled_from(["", "\u200b", "\ufe0f", "\u2060"]))
    before = data.draw(st.sampled_from(["", "🔥 ", "The Real ", "• ", "Official "]))
    after = data.draw(st.sampled_from(["", " 🔥", " TV", " 🇷🇺", " (verified)", " Fan Page"]))
    dressed = before + hidden + cased[place:] + after
    plain = [(f.key, f.score) for f in INDEX.search(ScreenedProfile("u", name))]
    found = [(f.key, f.score) for f in INDEX.search(ScreenedProfile("u", dressed))]
    assert found == plain


@settings(max_examples=150, deadline=None)
@given(_PROFILES, st.sampled_from(SUBJECTS), st.floats(0.05, 1.0))
def test_a_comparison_is_cut_short_only_below_what_is_asked_for(
    profile: ScreenedProfile, subject: ListedSubject, least: float
) -> None:
    for name in prepare_subject(subject).names:
        for reading in prepare_profile(profile).readings:
            whole = match_name(name, reading, kind=subject.kind, weights=INDEX.weights)
            short = match_name(name, reading, kind=subject.kind, weights=INDEX.weights, least=least)
            assert short.comparison == whole.comparison or (
                short.score == 0 and whole.comparison.score < least
            )


@given(
    st.floats(0.01, 0.99),
    st.builds(
        Evidence,
        st.sampled_from([None, *Agreement]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, True, False]),
    ),
)
def test_the_least_name_score_leaves_out_nothing_that_reaches(
    threshold: float, evidence: Evidence
) -> None:
    least = least_name_score(threshold, evidence)
    assert least == 0 or combined(least, evidence) < threshold
    if combined(1.0, evidence) >= threshold:
        assert combined(min(1.0, least + 0.001), evidence) >= threshold
