"""Legal holds, and epochs for the reports under one."""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import intake.columns


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0007_vault_is_guarded"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="keyepoch",
            name="is_for_holds",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "Waits for legal counsel"),
                            ("in_force", "In force"),
                            ("refused", "Refused"),
                            ("ended", "Ended"),
                        ],
                        default="proposed",
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("proposed_on", models.DateField(default=intake.columns.today)),
                ("ends_on", models.DateField()),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legal_holds",
                        to="intake.report",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["proposed", "in_force", "refused", "ended"])
                        ),
                        name="legal_hold_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="legal_hold_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("agreed_by__isnull", True),
                            models.Q(("agreed_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="legal_hold_takes_two_people",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "in_force"), _negated=True),
                            ("agreed_by__isnull", False),
                            _connector="OR",
                        ),
                        name="legal_hold_in_force_was_agreed_to",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on__gt", models.F("proposed_on")),
                            (
                                "ends_on__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("proposed_on"),
                                    "+",
                                    models.Value(datetime.timedelta(days=365)),
                                ),
                            ),
                        ),
                        name="legal_hold_ends",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["proposed", "in_force"])),
                        fields=("report",),
                        name="legal_hold_one_at_a_time",
                    ),
                ],
            },
        ),
    ]
