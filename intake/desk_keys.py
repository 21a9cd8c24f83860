"""The key of a report, as the desk gets it: unwrapped in memory with an epoch's private key."""

from pathlib import Path

from django.conf import settings

from accounts.refusals import Refusal
from intake import envelopes, epochs
from intake.envelopes import NotOpened
from intake.models import KeyWrap, Report
from intake.refusals import NotReadable
from intake.submission import wrap_place


def report_key(report: Report) -> bytes:
    """Unwrap the key of a report with the desk's private key. Raises `NotReadable`."""
    wrap = report.wraps.filter(holder=KeyWrap.Holder.DESK).first()
    if wrap is None:
        raise NotReadable("The key of this report was destroyed, and its content with it.").about(
            report
        )
    try:
        private = epochs.private_key(Path(settings.INTAKE_PRIVATE_KEYS), wrap.kid)
        return envelopes.unwrap_for_desk(
            bytes(wrap.wrapped), private, wrap.kid, wrap_place(report.pk, wrap.pk)
        )
    except epochs.NoEpoch as error:
        raise NotReadable(
            f"The private key of {wrap.kid} is not on this machine. Ask whoever keeps the keys."
        ).about(report) from error
    except NotOpened as error:
        raise changed(report) from error


def changed(report: Report) -> Refusal:
    """The refusal for a report that does not open although its key does."""
    return NotReadable(
        "What is stored of this report was changed or moved, so it does not open. Keep the "
        "database as it is and tell an administrator."
    ).about(report)
