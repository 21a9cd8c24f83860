"""Which outcomes each kind of case has, and on which grounds each kind of hold is released.

An outcome that a case does not have would close it and leave its question unanswered: a match
case is not settled by keeping down what it never asked about.
"""

from cases.models import Case, Decision
from platforms.models import Hold

Kind = Case.Kind
Outcome = Decision.Outcome
Ground = Decision.Ground

# The first four answer the keys 1 to 4. What lifts a hold or restores comes after them.
_ABOUT_A_PERSON = (
    Outcome.SUSPEND,
    Outcome.NO_ACTION,
    Outcome.NEED_MORE,
    Outcome.COUNSEL,
    Outcome.KEEP_UP,
)
_ABOUT_A_HOLD = (
    Outcome.KEEP_DOWN,
    Outcome.NEED_MORE,
    Outcome.COUNSEL,
    Outcome.RELEASE_HOLD,
    Outcome.RESTORE,
)
OUTCOMES: dict[Kind, tuple[Outcome, ...]] = {
    Kind.MATCH: _ABOUT_A_PERSON,
    Kind.REPORT: _ABOUT_A_PERSON,
    Kind.BAN_EVASION: _ABOUT_A_PERSON,
    Kind.NETWORK: _ABOUT_A_PERSON,
    Kind.AUTHORITY_REQUEST: _ABOUT_A_PERSON,
    Kind.INCIDENT: (Outcome.KEEP_DOWN, Outcome.NEED_MORE, Outcome.COUNSEL),
    Kind.DELISTING: _ABOUT_A_HOLD,
    Kind.APPEAL: _ABOUT_A_HOLD,
}

# The database holds the same rule for designations (migration 0005).
GROUNDS: dict[Hold.Kind, frozenset[Ground]] = {
    Hold.Kind.DESIGNATION: frozenset({Ground.DELISTED, Ground.MISIDENTIFIED, Ground.LICENCE}),
    Hold.Kind.POLICY: frozenset({Ground.POLICY_ENDED, Ground.MISIDENTIFIED}),
    Hold.Kind.COURT_ORDER: frozenset({Ground.ORDER_ENDED, Ground.MISIDENTIFIED}),
    Hold.Kind.AUTHORITY_REQUEST: frozenset({Ground.ORDER_ENDED, Ground.MISIDENTIFIED}),
    Hold.Kind.BAN_EVASION: frozenset({Ground.POLICY_ENDED, Ground.MISIDENTIFIED}),
}
