"""The audit trail takes inserts and nothing else.

The application's role has no right to change it, and a trigger says so even to a role that
was given one by mistake. Only the owner of the table may empty it, which tests do.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION accounts_audit_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The audit trail takes inserts only: % on % is refused.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'HF005';
END
$$;
CREATE TRIGGER audit_event_insert_only BEFORE UPDATE OR DELETE ON accounts_auditevent
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_is_insert_only();
CREATE TRIGGER audit_seal_insert_only BEFORE UPDATE OR DELETE ON accounts_auditseal
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_is_insert_only();
REVOKE UPDATE, DELETE, TRUNCATE ON accounts_auditevent, accounts_auditseal FROM desk;
"""

REVERSE = """
GRANT UPDATE, DELETE ON accounts_auditevent, accounts_auditseal TO desk;
DROP TRIGGER audit_seal_insert_only ON accounts_auditseal;
DROP TRIGGER audit_event_insert_only ON accounts_auditevent;
DROP FUNCTION accounts_audit_is_insert_only();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
