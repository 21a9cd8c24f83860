"""Matching profiles with sanctions lists: a pure library, no Django.

`Index.build(subjects)`, then `index.search(profile)`; `compare(subject, profile, weights)` for one
pair. See docs/architecture.md for the steps in between.
"""

from sanctions.matching.explain import Counterfactual, Explanation, Row, Span
from sanctions.matching.finding import DEFAULT_THRESHOLD, Finding, compare
from sanctions.matching.index import Index
from sanctions.matching.subjects import ListedName, ListedSubject, ScreenedProfile
from sanctions.matching.weights import TokenWeights

__all__ = [
    "DEFAULT_THRESHOLD",
    "Counterfactual",
    "Explanation",
    "Finding",
    "Index",
    "ListedName",
    "ListedSubject",
    "Row",
    "ScreenedProfile",
    "Span",
    "TokenWeights",
    "compare",
]
