"""What the list room refuses, apart from a list itself, which is quarantined instead."""

from accounts.refusals import Refusal


class UnknownSource(Refusal):
    """There is no list of that name."""

    code = "unknown_source"


class ListUnavailable(Refusal):
    """No bytes came: a missing file, no answer, a forbidden redirect. The last list stays."""

    code = "list_unavailable"


class VerdictStands(Refusal):
    """A match that a person has judged already."""

    code = "verdict_stands"
