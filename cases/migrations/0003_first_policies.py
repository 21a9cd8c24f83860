"""The first version of counsel's table.

A starting point, not legal advice: counsel replaces each row by a new version. Sources:
31 CFR 501 and 594, E.O. 13818 (Global Magnitsky), E.O. 14024, Pub. L. 112-208 (Magnitsky).
"""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ACTIONS = ["suspend", "keep_down", "keep_up", "release_hold", "restore"]

POLICIES = [
    {
        "code": "glomag",
        "title": "E.O. 13818, services restricted",
        "legal_basis": "E.O. 13818 (Global Magnitsky), 31 CFR 583",
        "programs": ["GLOMAG", "MAGNIT"],
        "guidance": "Blocked person: no service may be provided without a licence.",
    },
    {
        "code": "russia-eo14024",
        "title": "E.O. 14024, services restricted",
        "legal_basis": "E.O. 14024, 31 CFR 587",
        "programs": ["RUSSIA-EO14024"],
        "guidance": "Blocked person: no service may be provided without a licence.",
    },
    {
        "code": "sdgt",
        "title": "E.O. 13224, services restricted",
        "legal_basis": "E.O. 13224 as amended, 31 CFR 594",
        "programs": ["SDGT", "IRGC", "IFSR", "NPWMD", "SYRIA"],
        "guidance": (
            "The exemption for personal communication and informational materials may not "
            "apply. Ask counsel before leaving an account up."
        ),
    },
    {
        "code": "balkans",
        "title": "E.O. 14033, services restricted",
        "legal_basis": "E.O. 14033, 31 CFR 588",
        "programs": ["BALKANS", "BALKANS-EO14033", "BIH-EO14033"],
        "guidance": "Blocked person: no service may be provided without a licence.",
    },
    {
        "code": "delisting",
        "title": "Listing ended",
        "legal_basis": "The list version that no longer names the entry",
        "programs": [],
        "permitted_outcomes": ["keep_down", "release_hold", "restore"],
        "guidance": "A hold is released on the recorded version. A restore is a decision of its own.",
    },
    {
        "code": "platform-policy",
        "title": "Dangerous organisations policy",
        "legal_basis": "Platform terms of service",
        "programs": [],
        "guidance": "For successors, networks and accounts run for a listed person.",
    },
]


def add_policies(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    policy = apps.get_model("cases", "Policy")
    policy.objects.using(schema_editor.connection.alias).bulk_create(
        policy(number=1, starts_on=date(2017, 12, 20), **{"permitted_outcomes": ACTIONS, **row})
        for row in POLICIES
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0002_guards")]

    operations = [migrations.RunPython(add_policies, migrations.RunPython.noop)]
