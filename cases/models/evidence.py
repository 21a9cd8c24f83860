from django.db import models
from django.utils import timezone

from accounts.models import User
from cases.models.cases import Case


class Evidence(models.Model):
    """Bytes that do not change, named by their SHA-256, with where they came from."""

    class Kind(models.TextChoices):
        LIST_ENTRY = "list_entry", "List entry"
        PROFILE_CAPTURE = "profile_capture", "Profile as read"
        PLATFORM_RECORD = "platform_record", "Platform record"
        DOCUMENT = "document", "Document"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    title = models.CharField(max_length=200)
    source = models.CharField(max_length=200, help_text="Where the bytes came from")
    content_type = models.CharField(max_length=80)
    content = models.BinaryField()
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    captured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "sha256"], name="evidence_once_per_case_and_content"
            )
        ]

    def __str__(self) -> str:
        return self.title


class CustodyEntry(models.Model):
    """One step of what happened to a piece of evidence, and by whom."""

    class Step(models.TextChoices):
        CAPTURED = "captured", "Captured"
        SEALED = "sealed", "Sealed"
        VIEWED = "viewed", "Viewed"

    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="custody")
    step = models.CharField(max_length=16, choices=Step.choices)
    by_user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_service = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "custody entries"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_step_display()} by {self.by_user_id or self.by_service}"
