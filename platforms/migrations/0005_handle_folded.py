from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    dependencies = [("platforms", "0004_pull_cadence")]

    operations = [
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(
                OpClass(Lower("handle"), name="text_pattern_ops"), name="profile_handle_folded"
            ),
        ),
    ]
