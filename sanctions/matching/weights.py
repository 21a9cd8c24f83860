"""How much a token tells: a rare name much, the commonest and mere filler words next to nothing."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sanctions.matching.tokens import Token

_USUAL_SUBJECTS = 20_000
_MOST_REMEMBERED = 1 << 17
_MIN_WEIGHT = 0.12
_COMMON_NAME_WEIGHT = 0.40
_FILLER_FACTOR = 0.08


@dataclass(frozen=True, slots=True)
class TokenWeights:
    """How much a token tells: 1.0 for a name that is on no list, near 0.1 for the commonest."""

    by_key: Mapping[str, float]
    _of_tokens: dict[Token, float] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_names(cls, subjects: Iterable[Iterable[Sequence[Token]]]) -> "TokenWeights":
        """Weights from every subject's names: inverse document frequency, scaled to 0..1."""
        counts: Counter[str] = Counter()
        total = 0
        for names in subjects:
            total += 1
            counts.update({token.keys[0] for name in names for token in name if token.keys})
        # A short list does not make its names common.
        total = max(total, _USUAL_SUBJECTS)
        scale = math.log(total + 2)
        return cls(
            {
                key: max(_MIN_WEIGHT, math.log((total + 2) / (count + 1)) / scale)
                for key, count in counts.items()
            }
        )

    def of(self, token: Token) -> float:
        weight = self._of_tokens.get(token)
        if weight is None:
            if len(self._of_tokens) >= _MOST_REMEMBERED:
                self._of_tokens.clear()
            weight = self._of_tokens[token] = self._worked_out(token)
        return weight

    def _worked_out(self, token: Token) -> float:
        weight = self.by_key.get(token.keys[0], 1.0) if token.keys else _MIN_WEIGHT
        if weight > _COMMON_NAME_WEIGHT and token.is_common:
            weight = _COMMON_NAME_WEIGHT
        return weight * _FILLER_FACTOR if token.is_filler else weight
