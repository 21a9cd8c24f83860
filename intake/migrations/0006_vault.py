"""The identity vault: sealed identities, their shares, custodians and requests."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import intake.columns


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0005_attachments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("content", intake.columns.SealedField()),
                (
                    "report",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identity",
                        to="intake.report",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CustodianKey",
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
                            ("waiting", "Waits for two custodians"),
                            ("joining", "Joining"),
                            ("active", "In force"),
                            ("ended", "Ended"),
                        ],
                        max_length=8,
                    ),
                ),
                ("public_key", models.BinaryField()),
                ("locked_private", intake.columns.SealedField()),
                ("salt", models.BinaryField(max_length=16)),
                ("memory_kib", models.PositiveIntegerField()),
                ("passes", models.PositiveSmallIntegerField()),
                ("enrolled_on", models.DateField(default=intake.columns.today)),
                ("ended_on", models.DateField(null=True)),
                (
                    "first_resealer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_resealer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="custodian_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["waiting", "joining", "active", "ended"])
                        ),
                        name="custodian_key_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_on__isnull", False), ("state", "ended")),
                            models.Q(
                                models.Q(("state", "ended"), _negated=True),
                                ("ended_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="custodian_key_ended_has_its_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "joining"])),
                        fields=("user",),
                        name="custodian_key_one_candidate",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("first_resealer__isnull", True), ("second_resealer__isnull", True)
                            ),
                            models.Q(
                                ("first_resealer__isnull", False),
                                ("second_resealer__isnull", False),
                                models.Q(
                                    ("first_resealer", models.F("second_resealer")), _negated=True
                                ),
                                models.Q(("first_resealer", models.F("user")), _negated=True),
                                models.Q(("second_resealer", models.F("user")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="custodian_key_resealed_by_two_others",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("reason", models.CharField(max_length=500)),
                ("emergency_reason", models.CharField(blank=True, max_length=500)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Waits for two custodians"),
                            ("released", "Released"),
                            ("objected", "The reporter objected"),
                            ("refused", "Refused by a custodian"),
                            ("withdrawn", "Withdrawn"),
                            ("ended", "Ended"),
                        ],
                        default="pending",
                        max_length=9,
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "No answer"),
                            ("consent", "Consents"),
                            ("objection", "Objects"),
                        ],
                        max_length=9,
                    ),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("objections_until", models.DateTimeField()),
                ("one_time_public", models.BinaryField()),
                ("one_time_private", intake.columns.SealedField(null=True)),
                ("first_half", intake.columns.SealedField(null=True)),
                ("second_half", intake.columns.SealedField(null=True)),
                ("visible_until", models.DateTimeField(null=True)),
                (
                    "first_approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "refused_by",
                    models.ForeignKey(
                        null=True,
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
                        related_name="identity_requests",
                        to="intake.report",
                    ),
                ),
                (
                    "requester",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="identity_requests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second_approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "pending",
                                    "released",
                                    "objected",
                                    "refused",
                                    "withdrawn",
                                    "ended",
                                ],
                            )
                        ),
                        name="identity_request_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("answer__in", ["", "consent", "objection"])),
                        name="identity_request_answer_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="identity_request_has_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", "objection"), ("state", "objected")),
                            models.Q(
                                models.Q(("state", "objected"), _negated=True),
                                models.Q(("answer", "objection"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="identity_request_objection_stops_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("first_approver__isnull", True),
                            models.Q(("first_approver", models.F("requester")), _negated=True),
                            _connector="OR",
                        ),
                        name="identity_request_first_is_not_the_requester",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("second_approver__isnull", True),
                            models.Q(
                                ("first_approver__isnull", False),
                                models.Q(("second_approver", models.F("requester")), _negated=True),
                                models.Q(
                                    ("second_approver", models.F("first_approver")), _negated=True
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="identity_request_second_is_a_third_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "released"), _negated=True),
                            models.Q(
                                ("first_approver__isnull", False),
                                ("first_half__isnull", False),
                                ("second_approver__isnull", False),
                                ("second_half__isnull", False),
                                ("visible_until__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="identity_request_released_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["pending", "released"]),
                            models.Q(
                                ("first_half__isnull", True),
                                ("one_time_private__isnull", True),
                                ("second_half__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="identity_request_over_keeps_no_half",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["pending", "released"])),
                        fields=("report",),
                        name="identity_request_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdentityShare",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.UUIDField()),
                ("partner", models.UUIDField()),
                (
                    "part",
                    models.PositiveSmallIntegerField(
                        choices=[(0, "Whole"), (1, "First of two"), (2, "Second of two")], default=0
                    ),
                ),
                ("sealed", intake.columns.SealedField()),
                (
                    "identity",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="shares",
                        to="intake.identity",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["key", "part"], name="identity_share_by_key")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("identity", "key", "partner", "part"), name="identity_share_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("key", models.F("partner")), _negated=True),
                        name="identity_share_is_of_two_keys",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("part__in", [0, 1, 2])), name="identity_share_part"
                    ),
                ],
            },
        ),
    ]
