from django.db import models
from django.utils import timezone

from accounts.models import User
from cases.models.cases import Case


class Note(models.Model):
    """A word for the next reviewer. A note moves no case version."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"Note of {self.author_id} on {self.case_id}"
