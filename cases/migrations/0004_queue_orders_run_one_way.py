"""Every column of a queue's index runs the same way: a page begins by one comparison of rows."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_first_policies")]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="priority",
            field=models.SmallIntegerField(
                choices=[(0, "Urgent"), (1, "Raised"), (2, "Routine")], default=2
            ),
        ),
        migrations.RemoveIndex(model_name="case", name="case_by_priority"),
        migrations.RemoveIndex(model_name="case", name="case_by_reach"),
        migrations.RemoveIndex(model_name="case", name="case_by_opened"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["priority", "due_at", "number"],
                condition=~Q(state="closed"),
                name="case_by_priority",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["-reach", "-number"], condition=~Q(state="closed"), name="case_by_reach"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["-opened_at", "-number"],
                condition=~Q(state="closed"),
                name="case_by_opened",
            ),
        ),
    ]
