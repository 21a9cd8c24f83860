"""Whoever reviews took no part in what is reviewed (rule 4 of the design).

HF011  a person who took part in placing a hold that stands, deciding in a review of it
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION cases_review_is_by_others() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM cases_decision d
        JOIN cases_case c ON c.number = d.case_id AND c.kind = 'appeal'
        JOIN platforms_hold h ON h.profile_id = d.profile_id
        JOIN cases_holdbasis b ON b.hold_id = h.id
        JOIN cases_decisionparticipant p ON p.decision_id = b.placed_by_decision_id
        WHERE d.id = NEW.decision_id AND p.user_id = NEW.user_id
          AND (h.released_at IS NULL OR h.released_at >= c.opened_at)
    ) THEN
        RAISE EXCEPTION 'Person % took part in the decision under review.', NEW.user_id
            USING ERRCODE = 'HF011';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER review_is_by_others BEFORE INSERT ON cases_decisionparticipant
    FOR EACH ROW EXECUTE FUNCTION cases_review_is_by_others();
"""

REVERSE = """
DROP TRIGGER review_is_by_others ON cases_decisionparticipant;
DROP FUNCTION cases_review_is_by_others();
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_what_was_decided_is_kept")]

    operations = [migrations.RunSQL(GUARD, REVERSE)]
