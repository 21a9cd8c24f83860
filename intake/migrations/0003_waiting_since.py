"""Since when a report waits, so that one that was handed back has its 90 days again.

Rotation gets the right it needs: a wrap is renewed where it lies, and the desk adds none.
"""

from django.db import migrations, models

import intake.columns


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0002_rights_and_doors"),
    ]

    operations = [
        migrations.AddField(
            model_name="report",
            name="waiting_since",
            field=models.DateField(default=intake.columns.today),
        ),
        migrations.RunSQL(
            "GRANT UPDATE (waiting_since) ON intake_report TO desk;"
            "GRANT UPDATE (kid, wrapped) ON intake_keywrap TO desk;"
            "REVOKE INSERT ON intake_keywrap FROM desk;",
            "GRANT INSERT ON intake_keywrap TO desk;"
            "REVOKE UPDATE (kid, wrapped) ON intake_keywrap FROM desk;"
            "REVOKE UPDATE (waiting_since) ON intake_report FROM desk;",
        ),
    ]
