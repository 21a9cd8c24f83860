"""What each side may do in the database.

The zone (`intake`) inserts and cannot read a table: everything it reads, changes or deletes
goes through a function that asks for the lookup id a receipt gives, or for a cookie's half.
The desk (`desk`) reads, and changes only what its verbs change. Neither can alter what a
reporter wrote.
"""

from django.db import migrations

RIGHTS = """
GRANT INSERT ON intake_report, intake_keywrap, intake_spentchallenge TO intake;

REVOKE ALL ON intake_zonesession, intake_attemptcount, intake_spentchallenge FROM desk;
-- Retention takes these away when they have ended. A right to delete needs one to read.
GRANT SELECT (ends_at), DELETE ON intake_zonesession TO desk;
GRANT SELECT (day), DELETE ON intake_spentchallenge TO desk;
GRANT SELECT ("window"), DELETE ON intake_attemptcount TO desk;

REVOKE INSERT, UPDATE, DELETE ON intake_report FROM desk;
GRANT UPDATE (state, outcome, closed_on, summary, message_count) ON intake_report TO desk;
REVOKE UPDATE ON intake_keywrap, intake_message, intake_keyepoch FROM desk;
GRANT UPDATE (destroyed_on) ON intake_keyepoch TO desk;
REVOKE DELETE ON intake_message, intake_keyepoch, intake_reportgrant FROM desk;
REVOKE UPDATE ON intake_reportgrant FROM desk;
GRANT UPDATE (ended_at) ON intake_reportgrant TO desk;
"""

REVERSE_RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON intake_report, intake_keywrap, intake_message,
    intake_keyepoch, intake_reportgrant, intake_zonesession, intake_spentchallenge,
    intake_attemptcount TO desk;
REVOKE INSERT ON intake_report, intake_keywrap, intake_spentchallenge FROM intake;
"""

DOORS = """
CREATE FUNCTION intake_report_of(lookup bytea) RETURNS uuid
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT id FROM intake_report WHERE lookup_digest = sha256(lookup)
$$;

CREATE FUNCTION intake_open(lookup bytea)
RETURNS TABLE (report uuid, state text, outcome text, message_count bytea,
               wrap uuid, kid text, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, r.state, r.outcome, r.message_count, w.id, w.kid, w.wrapped
    FROM intake_report r
    JOIN intake_keywrap w ON w.report_id = r.id AND w.holder = 'reporter'
    WHERE r.id = intake_report_of(lookup)
$$;

CREATE FUNCTION intake_messages(lookup bytea)
RETURNS TABLE (id uuid, number smallint, from_desk boolean, day date, text bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.id, m.number, m.from_desk, m.day, m.text FROM intake_message m
    WHERE m.report_id = intake_report_of(lookup) ORDER BY m.number
$$;

CREATE FUNCTION intake_write(lookup bytea, message uuid, number smallint, text bytea,
                             message_count bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found_report uuid;
    last smallint;
BEGIN
    SELECT id INTO found_report FROM intake_report
        WHERE lookup_digest = sha256(lookup) FOR NO KEY UPDATE;
    IF found_report IS NULL THEN
        RETURN false;
    END IF;
    SELECT coalesce(max(m.number), 0) INTO last FROM intake_message m
        WHERE m.report_id = found_report;
    -- Somebody wrote in between: the caller reads again and numbers anew.
    IF intake_write.number <> last + 1 THEN
        RETURN false;
    END IF;
    INSERT INTO intake_message (id, report_id, number, from_desk, day, text)
        VALUES (message, found_report, intake_write.number, false,
                (now() AT TIME ZONE 'UTC')::date, intake_write.text);
    UPDATE intake_report SET message_count = intake_write.message_count WHERE id = found_report;
    RETURN true;
END
$$;

CREATE FUNCTION intake_rewrap(lookup bytea, wrap uuid, kid text, wrapped bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found_report uuid := intake_report_of(lookup);
BEGIN
    DELETE FROM intake_keywrap w WHERE w.report_id = found_report AND w.holder = 'reporter';
    IF found_report IS NOT NULL THEN
        INSERT INTO intake_keywrap (id, report_id, holder, kid, day, wrapped)
            VALUES (wrap, found_report, 'reporter', intake_rewrap.kid,
                    (now() AT TIME ZONE 'UTC')::date, intake_rewrap.wrapped);
    END IF;
END
$$;

CREATE FUNCTION intake_erase(report uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM intake_report r WHERE r.id = report FOR UPDATE;
    DELETE FROM intake_message m WHERE m.report_id = report;
    DELETE FROM intake_keywrap w WHERE w.report_id = report;
    DELETE FROM intake_reportgrant g WHERE g.report_id = report;
    DELETE FROM intake_report r WHERE r.id = report;
    RETURN FOUND;
END
$$;

CREATE FUNCTION intake_delete(lookup bytea) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT intake_erase(intake_report_of(lookup))
$$;

CREATE FUNCTION intake_session_read(half bytea) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT content FROM intake_zonesession WHERE digest = sha256(half) AND ends_at > now()
$$;

CREATE FUNCTION intake_session_write(half bytea, content bytea, idle_minutes integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    -- Rounded up to five minutes: a dump shows no minute of anybody's visit.
    until timestamptz := date_bin('5 minutes', now() + make_interval(mins => idle_minutes),
                                  timestamptz '2000-01-01') + interval '5 minutes';
BEGIN
    DELETE FROM intake_zonesession WHERE ends_at <= now();
    INSERT INTO intake_zonesession (digest, content, ends_at)
        VALUES (sha256(half), intake_session_write.content, until)
        ON CONFLICT (digest) DO UPDATE
        SET content = EXCLUDED.content, ends_at = EXCLUDED.ends_at;
END
$$;

CREATE FUNCTION intake_session_end(half bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM intake_zonesession WHERE digest = sha256(half)
$$;

CREATE FUNCTION intake_count_attempt(what text, window_minutes integer) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO intake_attemptcount (kind, "window", attempts)
        VALUES (what, date_bin(make_interval(mins => window_minutes), now(),
                               timestamptz '2000-01-01'), 1)
        ON CONFLICT (kind, "window") DO UPDATE SET attempts = intake_attemptcount.attempts + 1
        RETURNING attempts
$$;

CREATE FUNCTION intake_attempts(what text, window_minutes integer) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(max(attempts), 0) FROM intake_attemptcount
        WHERE kind = what AND "window" = date_bin(make_interval(mins => window_minutes), now(),
                                                  timestamptz '2000-01-01')
$$;

REVOKE EXECUTE ON FUNCTION
    intake_report_of(bytea), intake_erase(uuid), intake_open(bytea), intake_messages(bytea),
    intake_write(bytea, uuid, smallint, bytea, bytea), intake_rewrap(bytea, uuid, text, bytea),
    intake_delete(bytea), intake_session_read(bytea),
    intake_session_write(bytea, bytea, integer), intake_session_end(bytea),
    intake_count_attempt(text, integer), intake_attempts(text, integer)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    intake_open(bytea), intake_messages(bytea),
    intake_write(bytea, uuid, smallint, bytea, bytea), intake_rewrap(bytea, uuid, text, bytea),
    intake_delete(bytea), intake_session_read(bytea),
    intake_session_write(bytea, bytea, integer), intake_session_end(bytea),
    intake_count_attempt(text, integer), intake_attempts(text, integer)
TO intake;
-- A report goes whole or not at all: its messages cannot be taken away one by one.
GRANT EXECUTE ON FUNCTION intake_erase(uuid) TO desk;
"""

REVERSE_DOORS = """
DROP FUNCTION intake_open(bytea), intake_messages(bytea),
    intake_write(bytea, uuid, smallint, bytea, bytea), intake_rewrap(bytea, uuid, text, bytea),
    intake_delete(bytea), intake_session_read(bytea),
    intake_session_write(bytea, bytea, integer), intake_session_end(bytea),
    intake_count_attempt(text, integer), intake_attempts(text, integer), intake_erase(uuid), intake_report_of(bytea);
"""


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial"), ("config", "0001_database_roles")]

    operations = [
        migrations.RunSQL(RIGHTS, REVERSE_RIGHTS),
        migrations.RunSQL(DOORS, REVERSE_DOORS),
    ]
