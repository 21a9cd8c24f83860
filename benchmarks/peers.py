"""What our screening is measured beside: pipelines that others would write or install."""

import importlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import count
from typing import Any, Protocol, Self

from rapidfuzz.fuzz import WRatio
from rapidfuzz.process import extract, extractOne
from rapidfuzz.utils import default_process

from sanctions.matching import ListedSubject, ScreenedProfile

# Tokens that stand in more names than this bring nobody forward by themselves.
COMMON_NAMES = 2_000
SHORTEST_TOKEN = 3
# What is handed on to a scorer that is much slower than the block before it.
BLOCK_SIZE = 5
BLOCK_RATIO = 80


class Peer(Protocol):
    """A pipeline over the same listed subjects. A score is 0 to 1, of the best entry found."""

    name: str
    # From which score on it would alert, by its own documentation or by common use.
    threshold: float

    def best_score(self, profile: ScreenedProfile) -> float: ...


class TokenBlock:
    """Listed names by the words they share with a profile's display name."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = [default_process(name) for name in names]
        rows: defaultdict[str, list[int]] = defaultdict(list)
        for row, name in enumerate(self.names):
            for token in set(name.split()):
                if len(token) >= SHORTEST_TOKEN:
                    rows[token].append(row)
        self.rows = {token: found for token, found in rows.items() if len(found) <= COMMON_NAMES}

    def candidates(self, query: str) -> dict[int, str]:
        """Names that share a word with `query`, which `default_process` has been over."""
        return {
            row: self.names[row] for token in set(query.split()) for row in self.rows.get(token, ())
        }


class PlainRapidfuzz:
    """The plain rapidfuzz baseline: a token block, then WRatio. An afternoon's work."""

    name = "plain rapidfuzz baseline"
    threshold = 0.9

    def __init__(self, block: TokenBlock) -> None:
        self.block = block

    @classmethod
    def build(cls, subjects: Iterable[ListedSubject]) -> Self:
        return cls(TokenBlock([name.text for subject in subjects for name in subject.names]))

    def best_score(self, profile: ScreenedProfile) -> float:
        query = default_process(profile.display_name)
        best = extractOne(query, self.block.candidates(query), scorer=WRatio)
        return best[1] / 100 if best else 0.0


class Nomenklatura:
    """The algorithm logic-v2 of nomenklatura, behind the same token block.

    It is no dependency of ours: it needs PyICU, for which there is no wheel. To measure beside it,
    install libicu-dev and a C++ compiler, then `pip install nomenklatura`.
    """

    name = "nomenklatura logic-v2"
    threshold = 0.7

    def __init__(self, subjects: Sequence[ListedSubject]) -> None:
        matching = importlib.import_module("nomenklatura.matching")
        self.numbers = count()
        self.model = importlib.import_module("followthemoney").model
        self.algorithm = matching.LogicV2
        self.config = matching.LogicV2.default_config()
        names = [(name.text, place) for place, s in enumerate(subjects) for name in s.names]
        self.block = TokenBlock([text for text, _ in names])
        self.place_of_name = [place for _, place in names]
        self.entities = [self._entity(subject) for subject in subjects]
        # Its first comparison loads its word lists, for many seconds.
        self.algorithm.compare(self.entities[0], self.entities[0], self.config)

    @staticmethod
    def is_installed() -> bool:
        return find_spec("nomenklatura") is not None

    def best_score(self, profile: ScreenedProfile) -> float:
        words = default_process(profile.display_name)
        close = extract(
            words,
            self.block.candidates(words),
            scorer=WRatio,
            limit=BLOCK_SIZE,
            score_cutoff=BLOCK_RATIO,
        )
        if not close:
            return 0.0
        query = self.model.make_entity("LegalEntity")
        # It remembers what it worked out by id: two profiles must not share one.
        query.id = f"profile-{next(self.numbers)}"
        query.add("name", profile.display_name)
        query.add("country", profile.country)
        places = {self.place_of_name[row] for _, _, row in close}
        scores = (
            self.algorithm.compare(query, self.entities[place], self.config).score
            for place in places
        )
        return max(scores, default=0.0)

    def _entity(self, subject: ListedSubject) -> Any:
        schema = "Person" if subject.kind == "person" else "Organization"
        entity = self.model.make_entity(schema)
        entity.id = subject.key
        for name in subject.names:
            entity.add("name" if name.role == "primary" else "alias", name.text)
        if subject.kind == "person":
            entity.add("birthDate", subject.dates_of_birth)
        entity.add("country", subject.countries)
        return entity
