"""A finding: one list entry that a profile may belong to."""

from dataclasses import dataclass

from sanctions.matching.compare import (
    PreparedProfile,
    PreparedSubject,
    Scored,
    prepare_profile,
    prepare_subject,
    score_pair,
)
from sanctions.matching.explain import Explanation, explain
from sanctions.matching.subjects import ListedSubject, ScreenedProfile
from sanctions.matching.weights import TokenWeights

# From this score a case is opened.
DEFAULT_THRESHOLD = 0.70


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` is the list entry's; `score` is 0..1."""

    key: str
    score: float
    explanation: Explanation


def compare(
    subject: ListedSubject,
    profile: ScreenedProfile,
    token_weights: TokenWeights,
    *,
    threshold: float = DEFAULT_THRESHOLD,
) -> Finding:
    """Score and explain one pair, whatever the score: what `Index.search` would say of it."""
    prepared, stated = prepare_subject(subject), prepare_profile(profile)
    scored = score_pair(prepared, stated, token_weights)
    return explained(prepared, stated, scored, token_weights, threshold=threshold)


def explained(
    subject: PreparedSubject,
    profile: PreparedProfile,
    scored: Scored,
    weights: TokenWeights,
    *,
    threshold: float,
) -> Finding:
    """The finding of a scored pair, with its explanation."""
    explanation = explain(subject, profile, scored, weights=weights, threshold=threshold)
    return Finding(subject.subject.key, scored.score, explanation)
