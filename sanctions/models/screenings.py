from django.db import models
from django.utils import timezone

from sanctions.models.sources import ListVersion


class ListScreening(models.Model):
    """What one list version changed was searched for among all profiles, to the end."""

    list_version = models.OneToOneField(
        ListVersion, on_delete=models.PROTECT, primary_key=True, related_name="screening"
    )
    finished_at = models.DateTimeField(default=timezone.now)
    matches_found = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.list_version_id}: {self.matches_found} matches"
