"""One view over every way into a case that takes a grant.

It holds when each ends, and no clock: whoever reads it names the moment. The rights that it reads
its tables with are its owner's, and it can be read only.
"""

from django.db import migrations, models

VIEW = """
CREATE VIEW cases_opening AS
    SELECT content_object_id AS case_id, user_id, ends_at FROM cases_caseuseraccess
UNION ALL
    SELECT let_in.content_object_id, member.user_id, let_in.ends_at
    FROM cases_casegroupaccess let_in
    JOIN accounts_user_groups member ON member.group_id = let_in.group_id
UNION ALL
    SELECT about.case_id, reader.user_id, reader.ends_at
    FROM intake_reportgrant reader
    JOIN cases_reportedprofile about ON about.report_id = reader.report_id
    JOIN cases_case opened ON opened.number = about.case_id AND opened.kind = 'report'
    WHERE reader.ended_at IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_grants_invitations_sessions"),
        ("intake", "0001_initial"),
        ("cases", "0011_a_report_stays_unseen"),
    ]

    operations = [
        migrations.RunSQL(VIEW, "DROP VIEW cases_opening"),
        migrations.CreateModel(
            name="CaseOpening",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "case",
                        "user",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("ends_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "cases_opening", "managed": False},
        ),
    ]
