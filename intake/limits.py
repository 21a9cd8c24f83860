"""Global limits: how often something is tried by everybody together, in windows of ten minutes.

No address is known here, so none is counted. Where a limit is passed, a receipt costs a solved
question (nobody is locked out by somebody else's guesses), and a report waits.
"""

from enum import StrEnum

from django.db import connection

from intake import terms


class Tried(StrEnum):
    RECEIPT = "receipt"
    REPORT = "report"


FREE_TRIES = {
    Tried.RECEIPT: terms.FREE_RECEIPT_TRIES_PER_WINDOW,
    Tried.REPORT: terms.REPORTS_PER_WINDOW,
}


def count(tried: Tried) -> bool:
    """Count one try, and tell whether it was within the limit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_count_attempt(%s, %s)", [tried, terms.LIMIT_WINDOW_MINUTES])
        (attempts,) = cursor.fetchone()
    return bool(attempts <= FREE_TRIES[tried])


def passed(tried: Tried) -> bool:
    """Tell whether the limit of this window is used up, without counting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT intake_attempts(%s, %s)", [tried, terms.LIMIT_WINDOW_MINUTES])
        (attempts,) = cursor.fetchone()
    return bool(attempts >= FREE_TRIES[tried])
