"""A guard looks at our tables, whatever temporary tables a session made.

PostgreSQL looks for a table among the session's own temporary ones first, so that a role with
SQL could have laid an empty one over what a guard reads. Named last, they come last
(https://www.postgresql.org/docs/current/sql-createfunction.html, "Writing SECURITY DEFINER
Functions Safely").
"""

from django.db import migrations

GUARDS = (
    "platforms_enforcement_guard()",
    "platforms_hold_guard()",
    "platforms_hold_marks_profile()",
    "platforms_lock_profile(bigint)",
    "platforms_refuse_delete()",
)
SEALED = "\n".join(f"ALTER FUNCTION {guard} SET search_path = public, pg_temp;" for guard in GUARDS)
REVERSE = "\n".join(f"ALTER FUNCTION {guard} RESET search_path;" for guard in GUARDS)


class Migration(migrations.Migration):
    dependencies = [("platforms", "0008_silence_by_platform")]

    operations = [migrations.RunSQL(SEALED, REVERSE)]
