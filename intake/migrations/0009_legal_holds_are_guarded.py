"""What no path around the verbs may do to a legal hold, and what the reporter may know of one.

HF023  a legal hold that nobody who holds the report proposed, that is in force without legal
       counsel, that grows longer, or that comes back
"""

from django.db import migrations

GUARD = """
ALTER TABLE intake_legalhold ADD CONSTRAINT legal_hold_goes_with_its_report
    FOREIGN KEY (report_id) REFERENCES intake_report (id) ON DELETE CASCADE;

CREATE FUNCTION intake_guard_hold() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    fixed text[] := ARRAY['state', 'agreed_by_id'];
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'proposed' OR NEW.agreed_by_id IS NOT NULL OR NOT EXISTS (
            SELECT FROM intake_reportgrant g
            WHERE g.report_id = NEW.report_id AND g.user_id = NEW.proposed_by_id
              AND g.kind = 'claim' AND g.ended_at IS NULL AND g.ends_at > clock_timestamp()
        ) THEN
            RAISE EXCEPTION 'A hold is proposed by who holds the report.' USING ERRCODE = 'HF023';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - fixed) IS DISTINCT FROM (to_jsonb(OLD) - fixed)
       OR (OLD.state, NEW.state) NOT IN (
           ('proposed', 'in_force'), ('proposed', 'refused'), ('in_force', 'ended'))
       OR (OLD.agreed_by_id IS NOT NULL AND NEW.agreed_by_id IS DISTINCT FROM OLD.agreed_by_id)
    THEN
        RAISE EXCEPTION 'A hold keeps what was proposed, and ends once.' USING ERRCODE = 'HF023';
    END IF;
    IF NEW.state = 'in_force' AND NOT EXISTS (
        SELECT FROM accounts_rolegrant g
        WHERE g.user_id = NEW.agreed_by_id AND g.role = 'legal_counsel'
          AND g.starts_at <= clock_timestamp()
          AND (g.ends_at IS NULL OR g.ends_at > clock_timestamp())
    ) THEN
        RAISE EXCEPTION 'Legal counsel agrees to holds.' USING ERRCODE = 'HF023';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER legal_hold_guard BEFORE INSERT OR UPDATE ON intake_legalhold
    FOR EACH ROW EXECUTE FUNCTION intake_guard_hold();

REVOKE UPDATE, DELETE ON intake_legalhold FROM desk;
GRANT UPDATE (state, agreed_by_id) ON intake_legalhold TO desk;

CREATE FUNCTION intake_held_until(lookup bytea) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT h.ends_on FROM intake_legalhold h
    WHERE h.report_id = intake_report_of(lookup) AND h.state = 'in_force'
      AND h.ends_on >= (now() AT TIME ZONE 'UTC')::date
$$;
REVOKE EXECUTE ON FUNCTION intake_held_until(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake_held_until(bytea) TO intake;
"""

REVERSE = """
DROP FUNCTION intake_held_until(bytea);
GRANT UPDATE, DELETE ON intake_legalhold TO desk;
DROP TRIGGER legal_hold_guard ON intake_legalhold;
DROP FUNCTION intake_guard_hold();
ALTER TABLE intake_legalhold DROP CONSTRAINT legal_hold_goes_with_its_report;
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0008_legal_holds")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
