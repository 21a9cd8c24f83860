"""What each side may do in the vault, and what no path around the verbs may do.

HF020  a request for an identity by somebody who does not hold the report, with less than the
       reporter's 24 hours, or after an objection
HF021  a step that a request does not have: an approval before its time or by who is no
       custodian, a release without two, a change of what was asked or approved
HF022  a step that a custodian's key does not have, or an end that leaves fewer than three

Every function names its schema first: a temporary table of the same name deceives none.
"""

from django.db import migrations

GUARDS = """
ALTER TABLE intake_identity ADD CONSTRAINT identity_goes_with_its_report
    FOREIGN KEY (report_id) REFERENCES intake_report (id) ON DELETE CASCADE;
ALTER TABLE intake_identityshare ADD CONSTRAINT identity_share_goes_with_its_identity
    FOREIGN KEY (identity_id) REFERENCES intake_identity (id) ON DELETE CASCADE;
ALTER TABLE intake_identityrequest ADD CONSTRAINT identity_request_goes_with_its_report
    FOREIGN KEY (report_id) REFERENCES intake_report (id) ON DELETE CASCADE;

CREATE FUNCTION intake_is_custodian(person bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM intake_custodiankey k
                   WHERE k.user_id = person AND k.state = 'active')
       AND EXISTS (SELECT FROM accounts_rolegrant g
                   WHERE g.user_id = person AND g.role = 'custodian'
                     AND g.starts_at <= clock_timestamp()
                     AND (g.ends_at IS NULL OR g.ends_at > clock_timestamp()))
$$;

CREATE FUNCTION intake_guard_new_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state <> 'pending' OR NEW.answer <> '' OR NEW.first_approver_id IS NOT NULL
       OR NEW.second_approver_id IS NOT NULL OR NEW.visible_until IS NOT NULL THEN
        RAISE EXCEPTION 'A request begins without an answer.' USING ERRCODE = 'HF020';
    END IF;
    IF NEW.requested_at < clock_timestamp() - interval '5 minutes'
       OR NEW.objections_until < NEW.requested_at + interval '24 hours' THEN
        RAISE EXCEPTION 'The reporter has 24 hours to object.' USING ERRCODE = 'HF020';
    END IF;
    PERFORM FROM intake_report WHERE id = NEW.report_id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT FROM intake_reportgrant g
        WHERE g.report_id = NEW.report_id AND g.user_id = NEW.requester_id AND g.kind = 'claim'
          AND g.ended_at IS NULL AND g.ends_at > clock_timestamp()
    ) THEN
        RAISE EXCEPTION 'Only the coordinator who holds a report asks who sent it.'
            USING ERRCODE = 'HF020';
    END IF;
    IF EXISTS (
        SELECT FROM intake_identityrequest r
        WHERE r.report_id = NEW.report_id AND r.state = 'objected'
    ) THEN
        RAISE EXCEPTION 'The reporter objected.' USING ERRCODE = 'HF020';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER identity_request_guard_new BEFORE INSERT ON intake_identityrequest
    FOR EACH ROW EXECUTE FUNCTION intake_guard_new_request();

CREATE FUNCTION intake_guard_request() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    fixed text[] := ARRAY['state', 'answer', 'first_approver_id', 'first_half',
        'second_approver_id', 'second_half', 'refused_by_id', 'visible_until',
        'one_time_private'];
    approves boolean := (NEW.first_approver_id, NEW.second_approver_id)
        IS DISTINCT FROM (OLD.first_approver_id, OLD.second_approver_id);
BEGIN
    IF (to_jsonb(NEW) - fixed) IS DISTINCT FROM (to_jsonb(OLD) - fixed)
       OR OLD.state NOT IN ('pending', 'released')
       OR (OLD.state = 'released' AND NEW.state NOT IN ('released', 'ended'))
       OR (OLD.state = 'released' AND approves)
       OR (OLD.visible_until IS NOT NULL AND NEW.visible_until IS DISTINCT FROM OLD.visible_until)
    THEN
        RAISE EXCEPTION 'A request keeps what it was asked with, and ends once.'
            USING ERRCODE = 'HF021';
    END IF;
    IF NEW.state IN ('pending', 'released') AND (
        NEW.one_time_private IS DISTINCT FROM OLD.one_time_private
        OR (OLD.first_approver_id IS NOT NULL
            AND (NEW.first_approver_id, NEW.first_half)
                IS DISTINCT FROM (OLD.first_approver_id, OLD.first_half))
        OR (OLD.second_approver_id IS NOT NULL
            AND (NEW.second_approver_id, NEW.second_half)
                IS DISTINCT FROM (OLD.second_approver_id, OLD.second_half))
        OR (NEW.first_approver_id IS NULL) <> (NEW.first_half IS NULL)
        OR (NEW.second_approver_id IS NULL) <> (NEW.second_half IS NULL)
        OR (NEW.state = 'released') <> (NEW.second_approver_id IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'An approval is given once, with its half, and two release.'
            USING ERRCODE = 'HF021';
    END IF;
    IF approves AND NEW.state IN ('pending', 'released') THEN
        IF clock_timestamp() < OLD.objections_until AND OLD.emergency_reason = ''
           AND OLD.answer <> 'consent' THEN
            RAISE EXCEPTION 'The reporter still has time to object.' USING ERRCODE = 'HF021';
        END IF;
        IF (NEW.first_approver_id IS DISTINCT FROM OLD.first_approver_id
            AND NOT intake_is_custodian(NEW.first_approver_id))
           OR (NEW.second_approver_id IS DISTINCT FROM OLD.second_approver_id
               AND NOT intake_is_custodian(NEW.second_approver_id)) THEN
            RAISE EXCEPTION 'Only custodians approve.' USING ERRCODE = 'HF021';
        END IF;
        IF NEW.visible_until > clock_timestamp() + interval '72 hours 5 minutes' THEN
            RAISE EXCEPTION 'An identity is seen for 72 hours.' USING ERRCODE = 'HF021';
        END IF;
    ELSIF approves THEN
        RAISE EXCEPTION 'What is over is approved by nobody.' USING ERRCODE = 'HF021';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER identity_request_guard BEFORE UPDATE ON intake_identityrequest
    FOR EACH ROW EXECUTE FUNCTION intake_guard_request();

CREATE FUNCTION intake_guard_custodian_key() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    fixed text[] := ARRAY['state', 'ended_on', 'first_resealer_id', 'second_resealer_id'];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('intake: the custodians'));
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'waiting' AND NEW.first_resealer_id IS NULL THEN
            RETURN NEW;
        END IF;
        IF NEW.state = 'active' AND (SELECT count(DISTINCT user_id) FROM intake_custodiankey
                                     WHERE state = 'active') < 3 THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Beyond the first three, a key waits for two custodians.'
            USING ERRCODE = 'HF022';
    END IF;
    IF (to_jsonb(NEW) - fixed) IS DISTINCT FROM (to_jsonb(OLD) - fixed)
       OR (OLD.first_resealer_id IS NOT NULL
           AND (NEW.first_resealer_id, NEW.second_resealer_id)
               IS DISTINCT FROM (OLD.first_resealer_id, OLD.second_resealer_id))
       OR (OLD.state, NEW.state) NOT IN (
           ('waiting', 'waiting'), ('waiting', 'joining'), ('waiting', 'ended'),
           ('joining', 'active'), ('joining', 'ended'), ('active', 'ended'))
       OR (NEW.state IN ('joining', 'active') AND NEW.second_resealer_id IS NULL) THEN
        RAISE EXCEPTION 'A custodian''s key has no such step.' USING ERRCODE = 'HF022';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER custodian_key_guard BEFORE INSERT OR UPDATE ON intake_custodiankey
    FOR EACH ROW EXECUTE FUNCTION intake_guard_custodian_key();

CREATE FUNCTION intake_guard_last_custodians() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (SELECT count(DISTINCT user_id) FROM intake_custodiankey WHERE state = 'active') < 3
       AND NOT EXISTS (SELECT FROM intake_custodiankey
                       WHERE user_id = NEW.user_id AND state = 'active') THEN
        RAISE EXCEPTION 'Three custodians stay.' USING ERRCODE = 'HF022';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER custodian_key_guard_last AFTER UPDATE ON intake_custodiankey
    FOR EACH ROW WHEN (OLD.state = 'active' AND NEW.state = 'ended')
    EXECUTE FUNCTION intake_guard_last_custodians();
"""

REVERSE_GUARDS = """
DROP TRIGGER custodian_key_guard_last ON intake_custodiankey;
DROP FUNCTION intake_guard_last_custodians();
DROP TRIGGER custodian_key_guard ON intake_custodiankey;
DROP FUNCTION intake_guard_custodian_key();
DROP TRIGGER identity_request_guard ON intake_identityrequest;
DROP FUNCTION intake_guard_request();
DROP TRIGGER identity_request_guard_new ON intake_identityrequest;
DROP FUNCTION intake_guard_new_request();
DROP FUNCTION intake_is_custodian(bigint);
ALTER TABLE intake_identityrequest DROP CONSTRAINT identity_request_goes_with_its_report;
ALTER TABLE intake_identityshare DROP CONSTRAINT identity_share_goes_with_its_identity;
ALTER TABLE intake_identity DROP CONSTRAINT identity_goes_with_its_report;
"""

RIGHTS = """
GRANT INSERT ON intake_identity, intake_identityshare TO intake;
REVOKE INSERT, UPDATE, DELETE ON intake_identity FROM desk;
REVOKE UPDATE, DELETE ON intake_identityshare, intake_custodiankey, intake_identityrequest
    FROM desk;
GRANT UPDATE (state, ended_on, first_resealer_id, second_resealer_id) ON intake_custodiankey
    TO desk;
-- Not `answer`: that is the reporter's to give.
GRANT UPDATE (state, first_approver_id, first_half, second_approver_id, second_half,
              refused_by_id, visible_until, one_time_private) ON intake_identityrequest TO desk;

CREATE FUNCTION intake_forget_identity(report uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM intake_identity i WHERE i.report_id = report;
    RETURN FOUND;
END
$$;

CREATE FUNCTION intake_forget_ended_custodians() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    forgotten integer;
BEGIN
    DELETE FROM intake_identityshare s USING intake_custodiankey k
        WHERE k.state = 'ended' AND k.id IN (s.key, s.partner);
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    RETURN forgotten;
END
$$;

CREATE FUNCTION intake_identity_notice(lookup bytea)
RETURNS TABLE (request uuid, state text, answer text, is_emergency boolean,
               objections_until timestamptz, visible_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, r.state, r.answer, r.emergency_reason <> '', r.objections_until, r.visible_until
    FROM intake_identityrequest r WHERE r.report_id = intake_report_of(lookup)
    ORDER BY r.requested_at DESC LIMIT 1
$$;

CREATE FUNCTION intake_identity_answer(lookup bytea, request uuid, answer text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF intake_identity_answer.answer = 'objection' THEN
        UPDATE intake_identityrequest r
            SET state = 'objected', answer = 'objection', first_half = NULL, second_half = NULL,
                one_time_private = NULL
            WHERE r.id = request AND r.report_id = intake_report_of(lookup)
              AND r.state = 'pending';
    ELSE
        UPDATE intake_identityrequest r SET answer = intake_identity_answer.answer
            WHERE r.id = request AND r.report_id = intake_report_of(lookup)
              AND r.state = 'pending';
    END IF;
    RETURN FOUND;
END
$$;

REVOKE EXECUTE ON FUNCTION intake_forget_identity(uuid), intake_forget_ended_custodians(),
    intake_identity_notice(bytea), intake_identity_answer(bytea, uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION intake_forget_identity(uuid), intake_forget_ended_custodians() TO desk;
GRANT EXECUTE ON FUNCTION intake_identity_notice(bytea),
    intake_identity_answer(bytea, uuid, text) TO intake;
"""

REVERSE_RIGHTS = """
DROP FUNCTION intake_identity_answer(bytea, uuid, text), intake_identity_notice(bytea),
    intake_forget_ended_custodians(), intake_forget_identity(uuid);
GRANT INSERT, UPDATE, DELETE ON intake_identity TO desk;
GRANT UPDATE, DELETE ON intake_identityshare, intake_custodiankey, intake_identityrequest TO desk;
REVOKE INSERT ON intake_identity, intake_identityshare FROM intake;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0006_vault"),
        ("accounts", "0006_grants_are_guarded"),
    ]

    operations = [
        migrations.RunSQL(GUARDS, REVERSE_GUARDS),
        migrations.RunSQL(RIGHTS, REVERSE_RIGHTS),
    ]
