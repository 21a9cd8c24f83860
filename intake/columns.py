"""Two kinds of column that every table of reports is made of: ciphertext, and days."""

from datetime import UTC, date, datetime

from django.db import models


class SealedField(models.BinaryField):
    """Ciphertext. The inventory lists every column of this type."""


def today() -> date:
    """The day, in UTC. Reports know days only: a time would tell when somebody was online."""
    return datetime.now(UTC).date()
