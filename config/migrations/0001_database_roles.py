"""Who may do what in the database.

`owner` owns every table and runs migrations. `desk` is the application: it reads and
writes rows, and later migrations take rights away from it (it cannot delete a hold or
change the audit trail). `intake` starts with nothing.
"""

from django.db import migrations

CHECK_ROLES = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'desk')
       OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'intake') THEN
        RAISE EXCEPTION 'The database roles "desk" and "intake" do not exist.'
            USING HINT = 'Create them first: docs/operations.md gives the statements.';
    END IF;
END
$$;
"""

GRANT = """
GRANT USAGE ON SCHEMA public TO desk, intake;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO desk;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO desk;
GRANT SELECT ON django_migrations TO desk;
"""

REVOKE = """
REVOKE SELECT ON django_migrations FROM desk;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE USAGE, SELECT ON SEQUENCES FROM desk;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM desk;
REVOKE USAGE ON SCHEMA public FROM desk, intake;
"""


class Migration(migrations.Migration):
    # Default privileges reach only the tables that come after them.
    run_before = [("contenttypes", "0001_initial")]

    operations = [
        migrations.RunSQL(CHECK_ROLES, migrations.RunSQL.noop),
        migrations.RunSQL(GRANT, REVOKE),
    ]
