"""What a list said stays on record: entries, their versions and the downloads are never deleted.

A version of an entry may be ended, once, and is otherwise as it was written. A download's row is
fixed: what becomes of the list later is told by later rows.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION sanctions_history_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The record of a list is kept: % on % is refused.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'HF008';
END
$$;
CREATE FUNCTION sanctions_version_only_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.valid_to IS NULL AND NEW.valid_to IS NOT NULL
        AND to_jsonb(OLD) - 'valid_to' = to_jsonb(NEW) - 'valid_to' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A designation version can only be ended, once.' USING ERRCODE = 'HF008';
END
$$;
CREATE TRIGGER designation_kept BEFORE DELETE ON sanctions_designation
    FOR EACH ROW EXECUTE FUNCTION sanctions_history_is_kept();
CREATE TRIGGER designation_version_kept BEFORE DELETE ON sanctions_designationversion
    FOR EACH ROW EXECUTE FUNCTION sanctions_history_is_kept();
CREATE TRIGGER designation_version_only_ends BEFORE UPDATE ON sanctions_designationversion
    FOR EACH ROW EXECUTE FUNCTION sanctions_version_only_ends();
CREATE TRIGGER list_version_kept BEFORE UPDATE OR DELETE ON sanctions_listversion
    FOR EACH ROW EXECUTE FUNCTION sanctions_history_is_kept();
REVOKE DELETE, TRUNCATE ON sanctions_designation, sanctions_designationversion,
    sanctions_listversion FROM desk;
REVOKE UPDATE ON sanctions_listversion FROM desk;
"""

REVERSE = """
GRANT UPDATE ON sanctions_listversion TO desk;
GRANT DELETE ON sanctions_designation, sanctions_designationversion, sanctions_listversion TO desk;
DROP TRIGGER list_version_kept ON sanctions_listversion;
DROP TRIGGER designation_version_only_ends ON sanctions_designationversion;
DROP TRIGGER designation_version_kept ON sanctions_designationversion;
DROP TRIGGER designation_kept ON sanctions_designation;
DROP FUNCTION sanctions_version_only_ends();
DROP FUNCTION sanctions_history_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("sanctions", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
