"""What no path around the verbs may do to access.

HF012  a grant that would change other than by an earlier end
HF013  somebody who ends their own recusal
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION cases_access_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'ends_at' - 'ended_by_id' - 'end_reason') IS DISTINCT FROM
       (to_jsonb(OLD) - 'ends_at' - 'ended_by_id' - 'end_reason') THEN
        RAISE EXCEPTION 'A grant keeps what it was given with.' USING ERRCODE = 'HF012';
    END IF;
    IF OLD.ended_by_id IS NOT NULL
       OR (OLD.ends_at IS NOT NULL AND (NEW.ends_at IS NULL OR NEW.ends_at > OLD.ends_at)) THEN
        RAISE EXCEPTION 'A grant that ended stays ended, and none is lengthened.'
            USING ERRCODE = 'HF012';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER user_access_guard BEFORE UPDATE ON cases_caseuseraccess
    FOR EACH ROW EXECUTE FUNCTION cases_access_guard();
CREATE TRIGGER team_access_guard BEFORE UPDATE ON cases_casegroupaccess
    FOR EACH ROW EXECUTE FUNCTION cases_access_guard();

CREATE FUNCTION cases_recusal_is_ended_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.by_id = (SELECT user_id FROM cases_recusal WHERE id = NEW.recusal_id) THEN
        RAISE EXCEPTION 'Nobody ends their own recusal.' USING ERRCODE = 'HF013';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER recusal_is_ended_by_others BEFORE INSERT ON cases_recusalend
    FOR EACH ROW EXECUTE FUNCTION cases_recusal_is_ended_by_others();

REVOKE DELETE ON cases_caseuseraccess, cases_casegroupaccess FROM desk;
REVOKE UPDATE, DELETE ON cases_recusalend FROM desk;
"""

REVERSE = """
GRANT UPDATE, DELETE ON cases_recusalend TO desk;
GRANT DELETE ON cases_caseuseraccess, cases_casegroupaccess TO desk;
DROP TRIGGER recusal_is_ended_by_others ON cases_recusalend;
DROP FUNCTION cases_recusal_is_ended_by_others();
DROP TRIGGER team_access_guard ON cases_casegroupaccess;
DROP TRIGGER user_access_guard ON cases_caseuseraccess;
DROP FUNCTION cases_access_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_access_has_a_history")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
