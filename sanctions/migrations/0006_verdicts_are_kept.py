"""HF010: what was compared in a match is kept, and a person's verdict is not written over.

A confirmed match may become another person, and nothing else: that is the second review which
releases its hold.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION sanctions_match_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed jsonb := '{
        "open": ["confirmed", "no_match", "unsure"],
        "unsure": ["confirmed", "no_match"],
        "confirmed": ["no_match"],
        "no_match": []
    }';
    verdict text[] := ARRAY['adjudication', 'adjudicated_by_id', 'adjudicated_at',
        'adjudication_reason'];
BEGIN
    IF (to_jsonb(NEW) - verdict) IS DISTINCT FROM (to_jsonb(OLD) - verdict) THEN
        RAISE EXCEPTION 'Match % keeps what was compared.', OLD.id USING ERRCODE = 'HF010';
    END IF;
    IF NOT (allowed -> OLD.adjudication) ? NEW.adjudication THEN
        RAISE EXCEPTION 'Match % was judged before: %.', OLD.id, OLD.adjudication
            USING ERRCODE = 'HF010';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER match_guard BEFORE UPDATE ON sanctions_match
    FOR EACH ROW EXECUTE FUNCTION sanctions_match_guard();
REVOKE DELETE ON sanctions_match FROM desk;
"""

REVERSE = """
GRANT DELETE ON sanctions_match TO desk;
DROP TRIGGER match_guard ON sanctions_match;
DROP FUNCTION sanctions_match_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("sanctions", "0005_adjudication_is_known")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
