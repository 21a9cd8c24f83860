"""What the desk is refused around reports, with the words that help."""

from django.db import models

from accounts.refusals import Refusal


class NotWaiting(Refusal):
    """Somebody else claimed the report first."""

    code = "report_not_waiting"


class InvalidMove(Refusal):
    """A change of state that the table of transitions does not hold."""

    code = "report_invalid_move"


class NotYours(Refusal):
    """Only the coordinator who holds the report does this."""

    code = "report_not_yours"
    status = 403


class ReasonMissing(Refusal):
    """Opening, sharing and ending a grant each have a reason."""

    code = "report_reason_missing"


def require_reason(reason: str) -> None:
    """Raise `ReasonMissing` where nothing was said."""
    if not reason.strip():
        raise ReasonMissing("Say why in a few words. The record keeps it.")


def require_reason_to_open(report: models.Model, reason: str) -> None:
    """Raise `ReasonMissing` about a report that somebody opens without saying why."""
    if not reason.strip():
        raise ReasonMissing("Say why you open it. The record keeps your reason.").about(report)


class CannotShare(Refusal):
    """A grant that cannot be: to oneself, to a closed account, twice."""

    code = "report_cannot_share"


class HoldRefused(Refusal):
    """A legal hold that cannot be, or a step that it does not have."""

    code = "legal_hold_refused"


class NotReadable(Refusal):
    """The report's key does not open here: its epoch is gone, or what is stored was changed."""

    code = "report_not_readable"


class NoSuchCopy(Refusal):
    """A file that was not cleaned yet, was refused, or whose original is not kept."""

    code = "report_file_not_there"
