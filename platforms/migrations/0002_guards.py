"""The rules about holds and enforcements that no code can get around.

Plain SQL on purpose: a guard that a session setting could switch off would be no guard.
Every guard first takes the profile's row with FOR NO KEY UPDATE, so that a hold and a
restore of one profile wait for each other: two plain triggers would both pass when two
transactions run at once. Refusals carry SQLSTATEs of their own, read by
`platforms.refusals`:

HF001  a restore while a hold stands       HF002  a suspension that no hold demands
HF003  a change to a hold other than its one release
HF004  a step that the enforcement's life does not have
HF005  a delete of something that is kept for good
"""

from django.db import migrations

HOLD_GUARD = """
CREATE FUNCTION platforms_lock_profile(bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM platforms_profile WHERE id = $1 FOR NO KEY UPDATE;
END
$$;

CREATE FUNCTION platforms_hold_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM platforms_lock_profile(NEW.profile_id);
    IF TG_OP = 'INSERT' THEN
        IF NEW.released_at IS NOT NULL THEN
            RAISE EXCEPTION 'A hold is placed standing, and released later.'
                USING ERRCODE = 'HF003';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.released_at IS NOT NULL THEN
        RAISE EXCEPTION 'Hold % was released on % and does not change any more.',
            OLD.id, OLD.released_at::date USING ERRCODE = 'HF003';
    END IF;
    IF (to_jsonb(NEW) - 'released_at' - 'released_by_id')
       IS DISTINCT FROM (to_jsonb(OLD) - 'released_at' - 'released_by_id') THEN
        RAISE EXCEPTION 'Hold % keeps what it was placed with. Release it and place another.',
            OLD.id USING ERRCODE = 'HF003';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_guard BEFORE INSERT OR UPDATE ON platforms_hold
    FOR EACH ROW EXECUTE FUNCTION platforms_hold_guard();

-- The reconciler finds held profiles by an index, and never by counting holds.
CREATE FUNCTION platforms_hold_marks_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE platforms_profile SET is_held = EXISTS (
        SELECT FROM platforms_hold WHERE profile_id = NEW.profile_id AND released_at IS NULL
    ) WHERE id = NEW.profile_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER hold_marks_profile AFTER INSERT OR UPDATE ON platforms_hold
    FOR EACH ROW EXECUTE FUNCTION platforms_hold_marks_profile();
"""

ENFORCEMENT_GUARD = """
CREATE FUNCTION platforms_enforcement_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    standing text;
    allowed jsonb := '{
        "approved": ["sending", "cancelled"],
        "sending": ["confirmed", "failed", "unknown"],
        "failed": ["sending", "confirmed", "cancelled"],
        "unknown": ["sending", "confirmed", "failed", "cancelled"],
        "confirmed": [],
        "cancelled": []
    }';
BEGIN
    PERFORM platforms_lock_profile(NEW.profile_id);

    IF TG_OP = 'INSERT' AND NEW.state <> 'approved' THEN
        RAISE EXCEPTION 'An enforcement begins as approved, not as %.', NEW.state
            USING ERRCODE = 'HF004';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF (NEW.profile_id, NEW.action, NEW.territory, NEW.cause, NEW.idempotency_key)
           IS DISTINCT FROM
           (OLD.profile_id, OLD.action, OLD.territory, OLD.cause, OLD.idempotency_key) THEN
            RAISE EXCEPTION 'Enforcement % keeps what was approved.', OLD.id
                USING ERRCODE = 'HF004';
        END IF;
        IF NEW.state <> OLD.state AND NOT (allowed -> OLD.state) ? NEW.state THEN
            RAISE EXCEPTION 'Enforcement % cannot go from % to %.', OLD.id, OLD.state, NEW.state
                USING ERRCODE = 'HF004';
        END IF;
        IF NEW.state = OLD.state OR NEW.state <> 'sending' THEN
            RETURN NEW;
        END IF;
    END IF;

    -- From here on: the row is being written, or is about to be sent.
    IF NEW.action = 'restore' THEN
        SELECT string_agg(title, '; ' ORDER BY placed_at, id) INTO standing
        FROM platforms_hold
        WHERE profile_id = NEW.profile_id AND released_at IS NULL
          AND effect IN ('suspend', 'withhold');
        IF standing IS NOT NULL THEN
            RAISE EXCEPTION 'Restore is refused. These holds stand: %.', standing
                USING ERRCODE = 'HF001';
        END IF;
    ELSIF NOT EXISTS (
        SELECT FROM platforms_hold
        WHERE profile_id = NEW.profile_id AND released_at IS NULL
          AND effect = NEW.action AND territory = NEW.territory
    ) THEN
        RAISE EXCEPTION 'No hold that stands demands to % this profile.', NEW.action
            USING ERRCODE = 'HF002';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER enforcement_guard BEFORE INSERT OR UPDATE ON platforms_enforcement
    FOR EACH ROW EXECUTE FUNCTION platforms_enforcement_guard();
"""

KEPT_FOR_GOOD = """
CREATE FUNCTION platforms_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are kept for good.', TG_TABLE_NAME USING ERRCODE = 'HF005';
END
$$;
CREATE TRIGGER hold_kept BEFORE DELETE ON platforms_hold
    FOR EACH ROW EXECUTE FUNCTION platforms_refuse_delete();
CREATE TRIGGER enforcement_kept BEFORE DELETE ON platforms_enforcement
    FOR EACH ROW EXECUTE FUNCTION platforms_refuse_delete();
CREATE TRIGGER incident_kept BEFORE DELETE ON platforms_incident
    FOR EACH ROW EXECUTE FUNCTION platforms_refuse_delete();
REVOKE DELETE ON platforms_hold, platforms_enforcement, platforms_incident FROM desk;
"""

REVERSE = """
GRANT DELETE ON platforms_hold, platforms_enforcement, platforms_incident TO desk;
DROP TRIGGER incident_kept ON platforms_incident;
DROP TRIGGER enforcement_kept ON platforms_enforcement;
DROP TRIGGER hold_kept ON platforms_hold;
DROP FUNCTION platforms_refuse_delete();
DROP TRIGGER enforcement_guard ON platforms_enforcement;
DROP FUNCTION platforms_enforcement_guard();
DROP TRIGGER hold_marks_profile ON platforms_hold;
DROP FUNCTION platforms_hold_marks_profile();
DROP TRIGGER hold_guard ON platforms_hold;
DROP FUNCTION platforms_hold_guard();
DROP FUNCTION platforms_lock_profile(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("platforms", "0001_initial")]

    operations = [
        migrations.RunSQL(HOLD_GUARD + ENFORCEMENT_GUARD + KEPT_FOR_GOOD, REVERSE),
    ]
