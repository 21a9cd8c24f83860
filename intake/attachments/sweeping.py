"""What is left in the media directory goes: uploads that were cut off, files without a row."""

from intake.attachments import store
from intake.models import Attachment


def sweep_files() -> int:
    """Destroy files that no row names. Return how many they were."""
    rows = Attachment.objects.values_list("original", "cleaned")
    return store.sweep({name for row in rows.iterator() for name in row if name})
