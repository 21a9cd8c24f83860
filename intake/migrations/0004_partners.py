"""Partners and their codes: the zone uses one up by a function, and reads none."""

import django.db.models.deletion
from django.db import migrations, models

import intake.columns

DOOR = """
CREATE FUNCTION intake_spend_code(code bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM intake_partnercode WHERE digest = sha256(code);
    RETURN FOUND;
END
$$;
REVOKE EXECUTE ON FUNCTION intake_spend_code(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake_spend_code(bytea) TO intake;
REVOKE UPDATE ON intake_partnercode, intake_partnerorganisation FROM desk;
REVOKE DELETE ON intake_partnerorganisation FROM desk;
GRANT UPDATE (ended_on) ON intake_partnerorganisation TO desk;
"""

REVERSE = """
GRANT UPDATE, DELETE ON intake_partnerorganisation, intake_partnercode TO desk;
DROP FUNCTION intake_spend_code(bytea);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0003_waiting_since"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="from_partner",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="PartnerOrganisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True)),
                ("reason", models.CharField(max_length=500)),
                ("vetted_on", models.DateField(default=intake.columns.today)),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="partner_has_a_reason",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerCode",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="codes",
                        to="intake.partnerorganisation",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(DOOR, REVERSE),
    ]
