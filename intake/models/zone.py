"""What the reports' side keeps for a while: sessions, spent proofs, counts of attempts."""

from django.db import models

from intake.columns import SealedField, today


class ZoneSession(models.Model):
    """A reporter's session. Its content opens only with the half that the cookie holds.

    `digest` is the hash of the cookie's other half. `ends_at` is rounded up to five minutes.
    """

    digest = models.BinaryField(max_length=32, primary_key=True)
    content = SealedField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return "session of a reporter"


class SpentChallenge(models.Model):
    """A proof that was used. Its digest is unique, so no proof is accepted twice."""

    digest = models.BinaryField(max_length=32, primary_key=True)
    day = models.DateField(default=today)

    def __str__(self) -> str:
        return "spent challenge"


class AttemptCount(models.Model):
    """How often something was tried in one window of time, by everybody together."""

    kind = models.CharField(max_length=16)
    window = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "window"], name="attempt_count_per_window"),
        ]

    def __str__(self) -> str:
        return f"{self.attempts} of {self.kind}"
