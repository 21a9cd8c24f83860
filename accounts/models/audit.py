import uuid

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.models.users import User


class CurrentTransaction(models.Func):
    """PostgreSQL's id of the writing transaction, as a number that sorts by age."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = models.BigIntegerField()


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, *references: str) -> "AuditEventQuerySet":
        """Events that touch any of the references, such as `case:12`."""
        return self.filter(about__overlap=list(references))


class AuditEvent(models.Model):
    """One act, written in the transaction that made it true. Insert-only.

    It holds ids, field names and hashes, not contents, so that erasure stays possible.
    The application may insert and read; UPDATE, DELETE and TRUNCATE are refused to it.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField(db_default=Now())
    transaction = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)
    actor_user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    actor_service = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=64)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    about = ArrayField(models.CharField(max_length=128), default=list)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["about"], name="audit_event_about"),
            models.Index(fields=["at"], name="audit_event_at"),
            models.Index(fields=["verb", "at"], name="audit_event_verb_at"),
            models.Index(fields=["actor_user", "at"], name="audit_event_actor_at"),
            models.Index(fields=["transaction", "id"], name="audit_event_sealing_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(actor_user__isnull=False) ^ ~Q(actor_service=""),
                name="audit_event_has_one_actor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type}:{self.object_id}"

    @property
    def changes_in_words(self) -> str:
        """The changes on one line, for a table."""
        return ", ".join(
            f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
            for name, value in self.changes.items()
        )

    @property
    def actor_name(self) -> str:
        return self.actor_user.name if self.actor_user else self.actor_service


class AuditSeal(models.Model):
    """The place of one event in the chain: its number and the hash that binds it."""

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.number}: {self.hash[:12]}"
