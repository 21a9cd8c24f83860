"""A guard looks at our tables, whatever temporary tables a session made.

PostgreSQL looks for a table among the session's own temporary ones first, so that a role with
SQL could have laid an empty one over what a guard reads. Named last, they come last
(https://www.postgresql.org/docs/current/sql-createfunction.html, "Writing SECURITY DEFINER
Functions Safely").
"""

from django.db import migrations

GUARDS = (
    "accounts_audit_is_insert_only()",
    "accounts_guard_changed_grant()",
    "accounts_guard_closed_administrator()",
    "accounts_guard_last_administrators()",
    "accounts_guard_new_grant()",
    "accounts_guard_proposal()",
)
SEALED = "\n".join(f"ALTER FUNCTION {guard} SET search_path = public, pg_temp;" for guard in GUARDS)
REVERSE = "\n".join(f"ALTER FUNCTION {guard} RESET search_path;" for guard in GUARDS)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_provider_identities")]

    operations = [migrations.RunSQL(SEALED, REVERSE)]
