"""What the database demands of decisions: two people, and a basis for each hold.

HF006  a hold, a release or a restore without the approved decision it rests on
HF007  a decision or an approval that would change after the fact

The two basis checks are deferred to commit: the hold has to exist before its basis can
name it. An approval copies the proposer through a composite foreign key, so that its
CHECK can compare the two people.
"""

from django.db import migrations

APPROVAL = """
ALTER TABLE cases_approval
    ADD CONSTRAINT approval_copies_the_proposer
    FOREIGN KEY (decision_id, proposer_id) REFERENCES cases_decision (id, proposer_id);
"""

BASIS = """
CREATE FUNCTION cases_decision_stands(bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM cases_decision d
        WHERE d.id = $1 AND d.state = 'approved' AND (
            NOT d.needs_second
            OR EXISTS (
                SELECT FROM cases_approval a
                WHERE a.decision_id = d.id AND a.is_approved AND a.approver_id <> d.proposer_id
            )
        )
    )
$$;

CREATE FUNCTION cases_hold_has_basis() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    basis cases_holdbasis%ROWTYPE;
BEGIN
    SELECT * INTO basis FROM cases_holdbasis WHERE hold_id = NEW.id;
    IF NOT FOUND OR NOT cases_decision_stands(basis.placed_by_decision_id) THEN
        RAISE EXCEPTION 'Hold % rests on no approved decision.', NEW.id USING ERRCODE = 'HF006';
    END IF;
    IF NEW.released_at IS NOT NULL AND (
        basis.released_by_decision_id IS NULL
        OR NOT cases_decision_stands(basis.released_by_decision_id)
        OR NOT EXISTS (
            SELECT FROM cases_decision
            WHERE id = basis.released_by_decision_id AND outcome = 'release_hold'
              AND ground = basis.release_ground
        )
        OR NOT EXISTS (
            SELECT FROM cases_decisionhold
            WHERE decision_id = basis.released_by_decision_id AND hold_id = NEW.id
        )
    ) THEN
        RAISE EXCEPTION 'The release of hold % rests on no approved decision that names it.',
            NEW.id USING ERRCODE = 'HF006';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER hold_has_basis AFTER INSERT OR UPDATE ON platforms_hold
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION cases_hold_has_basis();

CREATE FUNCTION cases_restore_has_basis() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM cases_restorebasis b JOIN cases_decision d ON d.id = b.decision_id
        WHERE b.enforcement_id = NEW.id AND d.outcome = 'restore'
          AND d.profile_id = NEW.profile_id AND cases_decision_stands(d.id)
    ) THEN
        RAISE EXCEPTION 'Restore % rests on no approved two-person decision.', NEW.id
            USING ERRCODE = 'HF006';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER restore_has_basis AFTER INSERT ON platforms_enforcement
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.action = 'restore')
    EXECUTE FUNCTION cases_restore_has_basis();
"""

KEPT = """
CREATE FUNCTION cases_decision_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (to_jsonb(NEW) - 'state' - 'settled_at') IS DISTINCT FROM
       (to_jsonb(OLD) - 'state' - 'settled_at') THEN
        RAISE EXCEPTION 'Decision % keeps what was proposed.', OLD.id USING ERRCODE = 'HF007';
    END IF;
    IF NEW.state <> OLD.state AND OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'Decision % is settled.', OLD.id USING ERRCODE = 'HF007';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER decision_guard BEFORE UPDATE ON cases_decision
    FOR EACH ROW EXECUTE FUNCTION cases_decision_guard();

CREATE FUNCTION cases_hold_basis_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.released_by_decision_id IS NOT NULL
       OR (NEW.hold_id, NEW.placed_by_decision_id, NEW.designation_id)
          IS DISTINCT FROM (OLD.hold_id, OLD.placed_by_decision_id, OLD.designation_id) THEN
        RAISE EXCEPTION 'The basis of hold % keeps what it was placed and released with.',
            OLD.hold_id USING ERRCODE = 'HF007';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER hold_basis_guard BEFORE UPDATE ON cases_holdbasis
    FOR EACH ROW EXECUTE FUNCTION cases_hold_basis_guard();

REVOKE DELETE ON cases_decision, cases_evidence, cases_case FROM desk;
REVOKE UPDATE, DELETE ON cases_approval, cases_decisionparticipant, cases_restorebasis,
    cases_decisionhold, cases_custodyentry FROM desk;
REVOKE UPDATE ON cases_evidence FROM desk;
REVOKE DELETE ON cases_holdbasis FROM desk;
"""

REVERSE = """
GRANT DELETE ON cases_holdbasis TO desk;
GRANT UPDATE ON cases_evidence TO desk;
GRANT UPDATE, DELETE ON cases_approval, cases_decisionparticipant, cases_restorebasis,
    cases_decisionhold, cases_custodyentry TO desk;
GRANT DELETE ON cases_decision, cases_evidence, cases_case TO desk;
DROP TRIGGER hold_basis_guard ON cases_holdbasis;
DROP FUNCTION cases_hold_basis_guard();
DROP TRIGGER decision_guard ON cases_decision;
DROP FUNCTION cases_decision_guard();
DROP TRIGGER restore_has_basis ON platforms_enforcement;
DROP FUNCTION cases_restore_has_basis();
DROP TRIGGER hold_has_basis ON platforms_hold;
DROP FUNCTION cases_hold_has_basis();
DROP FUNCTION cases_decision_stands(bigint);
ALTER TABLE cases_approval DROP CONSTRAINT approval_copies_the_proposer;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("platforms", "0002_guards")]

    operations = [migrations.RunSQL(APPROVAL + BASIS + KEPT, REVERSE)]
